"""A Dockerfile: its stages, what each is built on, and the image that the last one describes.

Format: https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from checks.evidence.docker.lines import Instruction, expand, instructions, malformed, pairs


@dataclass(frozen=True, slots=True)
class Stage:
    """One `FROM` and what follows it. `base` is its image or an earlier stage, the defaults of `ARG` put in.

    `parent` is the earlier stage that it is built on, by its number from 0; None where `base` is an image.
    """

    base: str
    name: str | None
    parent: int | None
    line: int
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """The command of `CMD` or `ENTRYPOINT`. `words` are those of the JSON array in exec form, else the line."""

    words: tuple[str, ...]
    exec_form: bool
    line: int


@dataclass(slots=True)
class Described:
    """The configuration that a Dockerfile gives its image. None: it says nothing, or nothing that we can tell.

    `env` and `labels` leave out what depends on an `ARG`, which a build can set to anything.
    """

    user: str | None = None
    workdir: str | None = None
    cmd: Command | None = None
    entrypoint: Command | None = None
    env: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The stages in order. The last one is the image."""

    stages: tuple[Stage, ...]
    defaults: tuple[tuple[str, str], ...] = ()
    """The `ARG`s before the first `FROM`."""

    def stage(self, name: str) -> int | None:
        """The number of the stage that a `FROM` or `--from` names, or None: then it names an image."""
        for number in range(len(self.stages) - 1, -1, -1):
            if (self.stages[number].name or "").lower() == name.lower() or str(number) == name:
                return number
        return None

    def chain(self, number: int = -1) -> tuple[Stage, ...]:
        """A stage and those that it is built on, the oldest first."""
        stages = [self.stages[number]]
        while (parent := stages[0].parent) is not None:
            stages.insert(0, self.stages[parent])
        return tuple(stages)

    def used(self) -> tuple[int, ...]:
        """The numbers of the stages that reach the image: built on, or copied from. In the file's order."""
        waiting, used = [len(self.stages) - 1], set[int]()
        while waiting:
            number = waiting.pop()
            if number in used:
                continue
            used.add(number)
            stage = self.stages[number]
            sources = [self.stage(source) for source in _sources(stage)]
            waiting += [other for other in (*sources, stage.parent) if other is not None and other < number]
        return tuple(sorted(used))

    def images(self) -> Iterator[tuple[str, int]]:
        """The images of others that reach this one, each with the line that names it."""
        for number in self.used():
            stage = self.stages[number]
            if stage.parent is None and stage.base != "scratch":
                yield stage.base, stage.line
            for instruction in stage.instructions:
                source = instruction.flag("from")
                if instruction.keyword in ("COPY", "ADD") and source and self.stage(source) is None:
                    yield source, instruction.line

    def instructions(self, number: int = -1) -> tuple[Instruction, ...]:
        """The instructions of a stage and of those that it is built on, in order."""
        return tuple(instruction for stage in self.chain(number) for instruction in stage.instructions)

    def described(self, *, defaults: bool = False) -> Described:
        """The configuration of the image. With `defaults`, as it is where a build sets no `ARG`."""
        return _Reading(self.defaults, defaults).all_of(self.instructions())


def parse_dockerfile(data: bytes, where: str) -> Dockerfile:
    """The Dockerfile in `data`. Raises Malformed, with file and line, where Docker would refuse it."""
    defaults: dict[str, str] = {}
    stages: list[Stage] = []
    bodies: list[list[Instruction]] = []
    for instruction in instructions(data, where):
        if instruction.keyword == "FROM":
            stages.append(_stage(instruction, stages, defaults, where))
            bodies.append([])
        elif stages:
            if instruction.keyword in ("COPY", "ADD") and len(instruction.words) < 2:
                found = f"{instruction.keyword} {instruction.text}"
                raise malformed(where, instruction.line, found, "a source and a target")
            bodies[-1].append(instruction)
        elif instruction.keyword == "ARG":
            defaults.update(
                (name, expand(value, lambda name: defaults.get(name, "")) or "")
                for name, value in pairs(instruction.text)
            )
        else:
            raise malformed(where, instruction.line, f"{instruction.keyword} before any FROM", "FROM first")
    if not stages:
        raise malformed(where, 1, "no instruction", "FROM and what follows it")
    whole = (replace(stage, instructions=tuple(body)) for stage, body in zip(stages, bodies, strict=True))
    return Dockerfile(tuple(whole), tuple(defaults.items()))


def _stage(instruction: Instruction, before: list[Stage], defaults: dict[str, str], where: str) -> Stage:
    words = instruction.words
    if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
        raise malformed(where, instruction.line, f"FROM {instruction.text}", "FROM image, or FROM image AS name")
    base = expand(words[0], lambda name: defaults.get(name, ""))
    if not base:
        raise malformed(where, instruction.line, f"FROM {words[0]}: no image", "FROM image")
    named = Dockerfile(tuple(before)).stage(base)
    # A number names a stage in `COPY --from` only.
    parent = named if named is not None and before[named].name is not None and not base.isdigit() else None
    return Stage(base, words[2] if len(words) == 3 else None, parent, instruction.line, ())


def _sources(stage: Stage) -> Iterator[str]:
    """The stages or images that a stage copies from or mounts."""
    for instruction in stage.instructions:
        for name, value in instruction.flags:
            if name == "from":
                yield value
            elif name == "mount":
                yield from (part[5:] for part in value.split(",") if part.startswith("from="))


class _Reading:
    """The instructions of a stage applied one by one, and the variables as they are then."""

    def __init__(self, outer: tuple[tuple[str, str], ...], defaults: bool) -> None:
        self._outer = dict(outer)
        self._defaults = defaults
        self._arguments: dict[str, str | None] = {}
        self._described = Described()

    def all_of(self, instructions: tuple[Instruction, ...]) -> Described:
        """The configuration that all of them give together."""
        for instruction in instructions:
            self._apply(instruction)
        return self._described

    def _lookup(self, name: str) -> str | None:
        return self._arguments[name] if name in self._arguments else self._described.env.get(name)

    def _apply(self, instruction: Instruction) -> None:
        described = self._described
        match instruction.keyword:
            case "ARG":
                self._declare(instruction.text)
            case "ENV":
                self._set(instruction.text)
            case "LABEL":
                self._label(instruction.text)
            case "USER":
                described.user = expand(instruction.text, self._lookup)
            case "WORKDIR":
                described.workdir = self._joined(expand(instruction.text, self._lookup))
            case "CMD":
                described.cmd = _command(instruction)
            case "ENTRYPOINT":
                described.entrypoint = _command(instruction)

    def _declare(self, text: str) -> None:
        for name, value in pairs(text):
            default = expand(value, self._lookup) if "=" in text else self._outer.get(name)
            self._arguments[name] = default if self._defaults else None

    def _set(self, text: str) -> None:
        # All pairs of one instruction see the variables as they were before it.
        for name, value in [(name, expand(raw, self._lookup)) for name, raw in pairs(text)]:
            self._described.env.pop(name, None)
            self._arguments.pop(name, None)
            if value is None:
                self._arguments[name] = None
            else:
                self._described.env[name] = value

    def _label(self, text: str) -> None:
        for raw_name, raw in pairs(text):
            name, value = expand(raw_name, self._lookup), expand(raw, self._lookup)
            self._described.labels.pop(name or raw_name, None)
            if name is not None and value is not None:
                self._described.labels[name] = value

    def _joined(self, path: str | None) -> str | None:
        """A working directory; a relative one counts from the one before, of which a base image's is not known."""
        if not path or (not path.startswith("/") and self._described.workdir is None):
            return None
        return posixpath.normpath(posixpath.join(self._described.workdir or "/", path))


def _command(instruction: Instruction) -> Command:
    words = instruction.words if instruction.exec_form else (instruction.text,)
    return Command(words, instruction.exec_form, instruction.line)
