"""One stage of a `dvc.yaml`, its templates filled in.

Format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#stages.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.evidence.dvc.parameters import DEFAULT, Parameter, leaves, select
from checks.expect import Failure


@dataclass(frozen=True, slots=True)
class StageOutput:
    """A file or folder that a stage writes. `written` is the path as `dvc.yaml` says it, `path` from the root."""

    path: str
    written: str
    cached: bool
    persisted: bool
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
    frozen: bool = False
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


def parse_stage(name: str, fields: Any, file: str, filled_in: frozenset[tuple[str, str]]) -> Stage:
    """The stage that `fields` (templates filled in) describe. Raises Failure where they describe none."""
    fields = _need(fields, dict, name, file, "a mapping")
    command = fields.get("cmd")
    if isinstance(command, list) and command and all(isinstance(line, str) for line in command):
        command = tuple(command)
    elif not isinstance(command, str) or not command:
        raise _malformed(name, file, "no `cmd`, a command or a list of commands")
    folder = _joined(posixpath.dirname(file), _need(fields.get("wdir", "."), str, name, file, "a path as `wdir`"))
    return Stage(
        name=name,
        file=file,
        folder=folder,
        command=command,
        dependencies=tuple(
            Dependency(_joined(folder, path), path)
            for path in _list(fields, "deps", name, file)
            if _need(path, str, name, file, "a path in `deps`")
        ),
        parameters=_parameters(fields, folder, name, file),
        outputs=tuple(
            _output(entry, kind, folder, name, file)
            for kind in ("outs", "metrics", "plots")
            for entry in _list(fields, kind, name, file)
        ),
        filled_in=filled_in,
        frozen=fields.get("frozen") is True,
        always_changed=fields.get("always_changed") is True,
    )


def _output(entry: Any, kind: str, folder: str, name: str, file: str) -> StageOutput:
    flags: Any = {}
    if isinstance(entry, dict) and len(entry) == 1:
        ((entry, flags),) = entry.items()
    path = _need(entry, str, name, file, f"a path in `{kind}`")
    flags = flags if isinstance(flags, dict) else {}
    return StageOutput(
        path=_joined(folder, path),
        written=path,
        cached=flags.get("cache", True) is not False,
        persisted=flags.get("persist") is True,
        kind=kind,
    )


def _parameters(fields: dict[str, Any], folder: str, name: str, file: str) -> tuple[ParameterUse, ...]:
    """The parameter files that are used. A file without keys counts as a whole, whatever keys are named elsewhere."""
    keys: dict[str, list[str]] = {}
    whole: set[str] = set()
    for entry in _list(fields, "params", name, file):
        if isinstance(entry, str):
            keys.setdefault(DEFAULT, []).append(entry)
            continue
        for path, names in _need(entry, dict, name, file, "a name or a file with names in `params`").items():
            _need(path, str, name, file, "a path in `params`")
            if not names:
                whole.add(path)
            listed = _need(names or [], list, name, file, f"a list of names for {path} in `params`")
            keys.setdefault(path, []).extend(_need(key, str, name, file, "a name in `params`") for key in listed)
    return tuple(
        ParameterUse(_joined(folder, path), path, () if path in whole else tuple(dict.fromkeys(names)))
        for path, names in keys.items()
    )


def _list(fields: dict[str, Any], key: str, name: str, file: str) -> list[Any]:
    value: list[Any] = _need(fields.get(key) or [], list, name, file, f"a list as `{key}`")
    return value


def _need(value: Any, kind: type, name: str, file: str, expected: str) -> Any:
    if not isinstance(value, kind):
        raise _malformed(name, file, f"a {type(value).__name__} in place of {expected}")
    return value


def _malformed(name: str, file: str, found: str) -> Failure:
    return Failure(f"{file}: stage {name[:80]}", "a stage as DVC describes it", found, "dvc stage list")


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
