"""One stage of a `dvc.yaml`, its templates filled in.

Format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#stages.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from checks.evidence.documents import convert
from checks.evidence.dvc.parameters import DEFAULT, Parameter, leaves, select

_Flagged = Annotated[dict[str, Any], msgspec.Meta(min_length=1, max_length=1)]
"""An output's path, and what `dvc.yaml` says of it."""


@dataclass(frozen=True, slots=True)
class StageOutput:
    """A file or folder that a stage writes. `written` is the path as `dvc.yaml` says it, `path` from the root."""

    path: str
    written: str
    cached: bool
    kind: str
    """`outs`, `metrics` or `plots`: the list that it stands in."""


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """Keys of one parameter file that a stage depends on; without keys, the whole file."""

    path: str
    written: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dependency:
    """A file or folder that a stage reads."""

    path: str
    written: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. Paths are relative to the repository's root."""

    name: str
    file: str
    """The `dvc.yaml` that defines it."""
    folder: str
    """Where its command runs."""
    command: str | tuple[str, ...]
    dependencies: tuple[Dependency, ...]
    parameters: tuple[ParameterUse, ...]
    outputs: tuple[StageOutput, ...]
    filled_in: frozenset[tuple[str, str]] = frozenset()
    """Parameter file and key of each value that a template put into it."""
    always_changed: bool = False

    @property
    def commands(self) -> tuple[str, ...]:
        """The command, or the commands where it is a list."""
        return (self.command,) if isinstance(self.command, str) else self.command

    @property
    def scripts(self) -> list[str]:
        """The scripts that the commands name, from the root: `python a/b.py`, `python -m a.b`."""
        found: list[str] = []
        for command in self.commands:
            try:
                words = shlex.split(command)
            except ValueError:
                words = command.split()
            for before, word in zip(["", *words], words, strict=False):
                path = f"{word.replace('.', '/')}.py" if before == "-m" else word
                if path.endswith((".py", ".sh", ".R")) and not path.startswith(("-", "/")) and "://" not in path:
                    found.append(_joined(self.folder, path))
        return list(dict.fromkeys(found))

    def uses(self, values: Callable[[str], dict[str, Any]]) -> Iterator[Parameter]:
        """Every parameter that is declared, or that a template filled in. `values` gives those of a parameter file."""
        for use in self.parameters:
            content = values(use.path)
            for key in use.keys or tuple(map(str, content)):
                for leaf, value in leaves(select(content, key) if use.keys else content.get(key), key):
                    yield Parameter(use.path, leaf, value)
        for path, key in sorted(self.filled_in):
            yield Parameter(path, key, select(values(path), key))


class _Fields(msgspec.Struct):
    """The fields of a stage that count, as `dvc.yaml` has them."""

    cmd: Annotated[str, msgspec.Meta(min_length=1)] | Annotated[list[str], msgspec.Meta(min_length=1)]
    wdir: str = "."
    deps: list[str] | None = None
    params: list[str | dict[str, list[str] | None]] | None = None
    outs: list[str | _Flagged] | None = None
    metrics: list[str | _Flagged] | None = None
    plots: list[str | _Flagged] | None = None
    always_changed: Any = None


def parse_stage(name: str, fields: object, file: str, filled_in: frozenset[tuple[str, str]]) -> Stage:
    """The stage that `fields` (templates filled in) describe. Raises Malformed where they describe none."""
    found = convert(fields, _Fields, f"{file}: stage {name[:80]}")
    folder = _joined(posixpath.dirname(file), found.wdir)
    return Stage(
        name=name,
        file=file,
        folder=folder,
        command=found.cmd if isinstance(found.cmd, str) else tuple(found.cmd),
        dependencies=tuple(Dependency(_joined(folder, path), path) for path in found.deps or () if path),
        parameters=_parameters(found.params or [], folder),
        outputs=tuple(
            _output(entry, kind, folder)
            for kind, entries in (("outs", found.outs), ("metrics", found.metrics), ("plots", found.plots))
            for entry in entries or ()
        ),
        filled_in=filled_in,
        always_changed=found.always_changed is True,
    )


def _output(entry: str | dict[str, Any], kind: str, folder: str) -> StageOutput:
    path, flags = (entry, None) if isinstance(entry, str) else next(iter(entry.items()))
    flags = flags if isinstance(flags, dict) else {}
    return StageOutput(
        path=_joined(folder, path),
        written=path,
        cached=flags.get("cache", True) is not False,
        kind=kind,
    )


def _parameters(entries: list[str | dict[str, list[str] | None]], folder: str) -> tuple[ParameterUse, ...]:
    """The parameter files that are used. A file without keys counts as a whole, whatever keys are named elsewhere."""
    keys: dict[str, list[str]] = {}
    whole: set[str] = set()
    for entry in entries:
        for path, names in ({DEFAULT: [entry]} if isinstance(entry, str) else entry).items():
            if not names:
                whole.add(path)
            keys.setdefault(path, []).extend(names or ())
    return tuple(
        ParameterUse(_joined(folder, path), path, () if path in whole else tuple(dict.fromkeys(names)))
        for path, names in keys.items()
    )


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
