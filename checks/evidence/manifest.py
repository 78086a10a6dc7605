"""What is in an archive of `mlsd submit`: whose work, of which commit, and every file with its size and SHA-256.

An archive holds this manifest and a Git bundle at its top, and beside them files of the clone at their own paths.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks import limits
from checks.evidence.documents import parse_json
from checks.evidence.files import CHUNK, Files, Kind
from checks.expect import Failure
from checks.model import Identity

MANIFEST = "mlsd-submission.json"
BUNDLE = "branch.bundle"
FORMAT = 1
_SHA_256 = re.compile(r"[0-9a-f]{64}\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file: `path` as in the clone, with `/`; its size in bytes; its SHA-256 as 64 hexadecimal digits."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of one archive."""

    course: tuple[str, str]
    """The course's id and version."""
    learner: Identity
    branch: str
    """The full name of the branch."""
    commit: str
    """The branch's last commit: 40 hexadecimal digits."""
    shallow: tuple[str, ...]
    """The commits at which the clone's history was cut; none, as a rule."""
    tasks: tuple[str, ...]
    """The tasks that were begun."""
    files: tuple[PackedFile, ...]

    def faults(self, files: Files) -> Iterator[str]:
        """What of the unpacked archive is not as the manifest says, one short sentence each."""
        listed = {file.path for file in self.files}
        for file in self.files:
            kind = files.kind(file.path)
            if kind is not Kind.FILE:
                yield f"{_shown(file.path)}: {'not there' if kind is Kind.MISSING else kind}"
            elif (found := files.size(file.path)) != file.size:
                yield f"{_shown(file.path)}: {found:,} bytes, and the manifest says {file.size:,}"
            elif _hash(files, file.path) != file.sha256:
                yield f"{_shown(file.path)}: other content than the manifest says"
        for path in _walk(files):
            if path not in listed and path != MANIFEST:
                yield f"{_shown(path)}: not in the manifest"


def format_manifest(manifest: Manifest) -> bytes:
    """A manifest as it is written: the same bytes for the same content."""
    course, version = manifest.course
    document = {
        "format": FORMAT,
        "course": {"id": course, "version": version},
        "learner": {"id": manifest.learner.id, "name": manifest.learner.name},
        "branch": manifest.branch,
        "commit": manifest.commit,
        "shallow": list(manifest.shallow),
        "tasks": list(manifest.tasks),
        "files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in manifest.files],
    }
    return (json.dumps(document, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises Failure where it is none, or one of a newer format."""
    document = parse_json(data, MANIFEST)
    written = document.get("format") if isinstance(document, dict) else None
    if written != FORMAT or isinstance(written, bool):
        raise _malformed(f"format {FORMAT}", f"format {str(written)[:_SHOWN]}")
    try:
        manifest = Manifest(
            course=(_text(document["course"]["id"]), _text(document["course"]["version"])),
            learner=Identity(_text(document["learner"]["id"]), _text(document["learner"]["name"])),
            branch=_text(document["branch"]),
            commit=_text(document["commit"], _COMMIT),
            shallow=tuple(_text(commit, _COMMIT) for commit in _list(document["shallow"])),
            tasks=tuple(_text(task) for task in _list(document["tasks"])),
            files=tuple(map(_file, _list(document["files"]))),
        )
    except (KeyError, TypeError, ValueError) as error:
        found = f"no {error.args[0]}" if isinstance(error, KeyError) else str(error)[:_SHOWN]
        raise _malformed("what `mlsd submit` writes", found) from None
    if len({file.path for file in manifest.files}) != len(manifest.files):
        raise _malformed("each file once", "one of them twice")
    return manifest


def _file(entry: Any) -> PackedFile:
    path, size = _text(entry["path"]), entry["size"]
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError("a size that is no number of bytes")
    if posixpath.normpath(path) != path or path.startswith(("/", "..")):  # two names of one file would be read twice
        raise ValueError(f"{path[:_SHOWN]!r}, which is no path in the archive")
    return PackedFile(path, size, _text(entry["sha256"], _SHA_256))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > limits.ARCHIVE_ENTRIES:
        raise ValueError("something else than a list of few")
    return value


def _text(value: Any, pattern: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or len(value) > limits.MESSAGE_LENGTH or (pattern and not pattern.match(value)):
        raise ValueError(f"{str(value)[:_SHOWN]!r}, which is no such text")
    value.encode()  # raises ValueError: half a character of JSON is none
    return value


def _malformed(expected: str, found: str) -> Failure:
    return Failure(looked_at=MANIFEST, expected=expected, found=found, fix="mlsd submit")


def _hash(files: Files, path: str) -> str:
    digest = hashlib.sha256()
    with files.open(path, limits.ARCHIVE_BYTES) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _walk(files: Files) -> Iterator[str]:
    """The paths of everything that is no folder; those of folders that are too deep as well."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in files.entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind is Kind.FOLDER and path.count("/") < limits.ARCHIVE_DEPTH:
                waiting.append(path)
            else:
                yield path


def _shown(path: str) -> str:
    return path[:_SHOWN].encode("utf-8", "replace").decode()
