"""A `dvc.lock`: what each stage read, used and wrote when it last ran.

Format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#dvclock-file. Schema 2.0 has its stages below
`stages`; the first schema, of 2020, has them at the top.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any

from checks.evidence.documents import parse_yaml_12
from checks.evidence.dvc.pointer import MD5, Output
from checks.expect import Failure, Unavailable

SCHEMA = "2.0"


@dataclass(frozen=True, slots=True)
class LockedStage:
    """One stage as it ran. Files are by the path that `dvc.yaml` writes; parameters by file and key."""

    command: str | tuple[str, ...]
    dependencies: dict[str, Output]
    parameters: dict[str, dict[str, Any]]
    outputs: dict[str, Output]


def parse_lock(data: bytes, path: str) -> dict[str, LockedStage]:
    """The stages in the lock at `path`. Raises Failure where it is malformed, Unavailable for a newer schema."""
    document = parse_yaml_12(data, path) or {}
    if not isinstance(document, dict):
        raise _malformed(path, "no mapping")
    schema = document.get("schema")
    if schema is None:
        stages = document
    elif str(schema) == SCHEMA:
        stages = document.get("stages") or {}
    else:
        raise Unavailable(f"{path} has the schema {str(schema)[:40]}, and {SCHEMA} is the newest that can be read here")
    if not isinstance(stages, dict):
        raise _malformed(path, "`stages` that are no mapping")
    return {str(name): _stage(str(name), fields, path) for name, fields in stages.items()}


def _stage(name: str, fields: Any, path: str) -> LockedStage:
    command = fields.get("cmd") if isinstance(fields, dict) else None
    if isinstance(command, list):
        command = tuple(map(str, command))
    parameters = fields.get("params") or {} if isinstance(fields, dict) else None
    if not isinstance(command, (str, tuple)) or not isinstance(parameters, dict):
        raise _malformed(path, f"stage {name[:60]} without a command, or with `params` that are no mapping")
    return LockedStage(
        command=command,
        dependencies=_files(fields.get("deps"), name, path),
        parameters={str(file): values for file, values in parameters.items() if isinstance(values, dict)},
        outputs=_files(fields.get("outs"), name, path),
    )


def _files(entries: Any, name: str, where: str) -> dict[str, Output]:
    found: dict[str, Output] = {}
    if not isinstance(entries or [], list):
        raise _malformed(where, f"stage {name[:60]}: `deps` or `outs` that are no list")
    for entry in entries or []:
        path, md5 = (entry.get("path"), entry.get("md5")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str):
            raise _malformed(where, f"stage {name[:60]}: an entry without a `path`")
        if not isinstance(md5, str) or not MD5.match(md5):
            raise _malformed(where, f"stage {name[:60]}: {path[:60]} without an `md5` of 32 hexadecimal digits")
        size = entry.get("size")
        found[path] = Output(
            path=posixpath.normpath(posixpath.join(posixpath.dirname(where), path.replace("\\", "/"))),
            md5=md5,
            size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
            legacy=entry.get("hash") is None,
        )
    return found


def _malformed(path: str, found: str) -> Failure:
    return Failure(path, "a lock file as `dvc repro` writes it", found, f"rm {path}\ndvc repro")
