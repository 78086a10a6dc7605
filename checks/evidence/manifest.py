"""The manifest of an archive of `mlsd submit`: whose work, of which commit, and every file with its size and SHA-256.

An archive holds this manifest and a Git bundle at its top, and beside them files of the clone at their own paths.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from checks import limits
from checks.evidence.documents import convert, parse_json
from checks.evidence.files import Files, Kind
from checks.expect import Malformed

MANIFEST = "mlsd-submission.json"
BUNDLE = "branch.bundle"
_SHOWN = 60

Text = Annotated[str, Meta(max_length=limits.MESSAGE_LENGTH)]
CommitId = Annotated[str, Meta(pattern=r"^[0-9a-f]{40}\Z")]
Few = Meta(max_length=limits.ARCHIVE_ENTRIES)


class PackedFile(msgspec.Struct, frozen=True):
    """One file: `path` as in the clone, with `/`; its size in bytes; its SHA-256 as 64 hexadecimal digits."""

    path: Text
    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Learner(msgspec.Struct, frozen=True):
    """The id and name of whoever did the work."""

    id: Text
    name: Text


class CourseVersion(msgspec.Struct, frozen=True):
    """The course's id and version."""

    id: Text
    version: Text


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of one archive."""

    format: Literal[1] = 1
    course: CourseVersion
    learner: Learner
    branch: Text
    """The full name of the branch."""
    commit: CommitId
    """The branch's last commit."""
    shallow: Annotated[tuple[CommitId, ...], Few]
    """The commits at which the clone's history was cut; none, as a rule."""
    tasks: Annotated[tuple[Text, ...], Few]
    """The tasks that were begun."""
    files: Annotated[tuple[PackedFile, ...], Few]

    def faults(self, files: Files) -> Iterator[str]:
        """The differences between the unpacked archive and the manifest, one short sentence each."""
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
    return (json.dumps(msgspec.to_builtins(manifest), indent=1, ensure_ascii=True) + "\n").encode("ascii")


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises Malformed where it is none, or one of a newer format."""
    manifest = convert(parse_json(data, MANIFEST), Manifest, MANIFEST)
    try:
        msgspec.json.encode(manifest)
    except ValueError:
        raise Malformed(MANIFEST, "half a character, as no text holds it") from None
    for path in (file.path for file in manifest.files):  # two names of one file would be read twice
        if posixpath.normpath(path) != path or path.startswith(("/", "..")):
            raise Malformed(MANIFEST, f"{path[:_SHOWN]!r}, which is no path in the archive")
    if len({file.path for file in manifest.files}) != len(manifest.files):
        raise Malformed(MANIFEST, "one of its files twice")
    return manifest


def _hash(files: Files, path: str) -> str:
    with files.open(path, limits.ARCHIVE_BYTES) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
