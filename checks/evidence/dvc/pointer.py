"""The files that Git keeps in place of data: a pointer (`.dvc`), and the lock of a pipeline (`dvc.lock`).

Formats: https://doc.dvc.org/user-guide/project-structure/dvc-files and
https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#dvclock-file. A lock of schema 2.0 has its stages below
`stages`; the first schema, of 2020, has them at the top.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from checks.evidence.documents import convert, parse_yaml_12, parse_yaml_text
from checks.expect import Malformed, Unavailable

SCHEMA = "2.0"
MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?\Z")
_SIZE = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Output:
    """One file or folder that DVC tracks.

    `path` is relative to the repository's root. `md5` ends in `.dir` for a folder: it is then the hash of the
    folder's listing. `size` is in bytes, or None where it was not recorded. `legacy` marks the layout that DVC
    used before version 3.
    """

    path: str
    md5: str
    size: int | None
    legacy: bool

    @property
    def is_folder(self) -> bool:
        """Whether a whole folder is tracked."""
        return self.md5.endswith(".dir")


@dataclass(frozen=True, slots=True)
class LockedStage:
    """One stage as it ran last. Files are by the path that `dvc.yaml` writes; parameters by file and key."""

    command: str | tuple[str, ...]
    dependencies: dict[str, Output]
    parameters: dict[str, dict[str, Any]]
    outputs: dict[str, Output]


class _Entry(msgspec.Struct):
    path: str
    md5: str
    size: Any = None
    hash: Any = None


class _Pointer(msgspec.Struct):
    outs: Annotated[list[_Entry], msgspec.Meta(min_length=1)]
    wdir: str = "."


class _Stage(msgspec.Struct):
    cmd: str | list[Any]
    deps: list[_Entry] | None = None
    params: dict[Any, Any] | None = None
    outs: list[_Entry] | None = None


def parse_pointer(data: bytes, path: str) -> tuple[Output, ...]:
    """The outputs of the pointer at `path` (relative to the repository's root). Raises Malformed where it is none."""
    pointer = convert(parse_yaml_text(data, path), _Pointer, path)
    base = posixpath.join(posixpath.dirname(path), pointer.wdir.replace("\\", "/"))
    return tuple(_output(entry, base, path) for entry in pointer.outs)


def parse_lock(data: bytes, path: str) -> dict[str, LockedStage]:
    """The stages in the lock at `path`. Raises Malformed where it is none, Unavailable for a newer schema."""
    document = convert(parse_yaml_12(data, path) or {}, dict[Any, Any], path)
    schema = document.get("schema")
    if schema is not None and str(schema) != SCHEMA:
        raise Unavailable(f"{path} has the schema {str(schema)[:40]}, and {SCHEMA} is the newest that can be read here")
    stages = convert(document if schema is None else document.get("stages") or {}, dict[Any, _Stage], path)
    return {str(name): _locked(stage, path) for name, stage in stages.items()}


def _locked(stage: _Stage, where: str) -> LockedStage:
    base = posixpath.dirname(where)
    return LockedStage(
        command=stage.cmd if isinstance(stage.cmd, str) else tuple(map(str, stage.cmd)),
        dependencies={entry.path: _output(entry, base, where) for entry in stage.deps or ()},
        parameters={str(file): values for file, values in (stage.params or {}).items() if isinstance(values, dict)},
        outputs={entry.path: _output(entry, base, where) for entry in stage.outs or ()},
    )


def _output(entry: _Entry, base: str, where: str) -> Output:
    if not MD5.match(entry.md5):
        raise Malformed(where, f"`md5: {entry.md5[:60]}`, which is no MD5 of 32 hexadecimal digits")
    recorded = isinstance(entry.size, (str, int)) and _SIZE.match(str(entry.size))
    return Output(
        path=posixpath.normpath(posixpath.join(base, entry.path.replace("\\", "/"))),
        md5=entry.md5,
        size=int(entry.size) if recorded else None,
        legacy=entry.hash is None,
    )
