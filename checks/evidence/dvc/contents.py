"""The content of what a pipeline's stages wrote, found by its hash: in an object store, in the commit, in the folder."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks import limits
from checks.evidence.dvc.committed import Committed
from checks.evidence.dvc.objects import ObjectStore
from checks.evidence.dvc.pointer import Output
from checks.evidence.files import FileHash, Files


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that a stage wrote, alone or in a folder: the stage's name, the path from the root, the locked content."""

    stage: str
    path: str
    content: Output


class Contents:
    """The outputs in the locks of a commit. `stores` are asked first, then the commit itself, then the folder `files`."""

    def __init__(self, committed: Committed, stores: Sequence[ObjectStore], files: Files) -> None:
        self._committed = committed
        self._stores = stores
        self._files = files

    def files(self) -> Iterator[LockedFile]:
        """Every file that the locks say a stage wrote; a folder gives the files that its listing names."""
        for entry in self._committed.outputs:
            if entry.locked is None:
                continue
            if not entry.locked.is_folder:
                yield LockedFile(entry.stage.name, entry.output.path, entry.locked)
                continue
            for inner, md5 in (self.listing(entry.locked) or {}).items():
                path = posixpath.join(entry.output.path, inner)
                yield LockedFile(entry.stage.name, path, Output(path, md5, None, entry.locked.legacy))

    def listing(self, folder: Output) -> dict[str, str] | None:
        """The files of a folder, path below it to MD5; None where no store has its listing."""
        return next((found for store in self._stores if (found := store.listing(folder)) is not None), None)

    def read(self, path: str, content: Output) -> bytes | None:
        """The bytes of the file at `path` with the locked hash, or None where they are nowhere.

        Raises Failure where there are more than `limits.TABLE_BYTES`.
        """
        for store in self._stores:
            if store.fault(content.md5, content.legacy) is None:
                return self._files.read(f"{store.folder}/{store.path(content.md5, content.legacy)}", limits.TABLE_BYTES)
        snapshot = self._committed.snapshot
        blob = snapshot.read(path) if snapshot.is_file(path) else None
        if blob is not None:
            return next((form for form in line_ends(blob) if FileHash.of(form).md5 == content.md5), None)
        if self._files.is_file(path) and self._files.hash(path).md5 == content.md5:
            return self._files.read(path, limits.TABLE_BYTES)
        return None


def line_ends(blob: bytes) -> tuple[bytes, ...]:
    """A committed file as Git may have written it into the folder: as it is, and with the line ends of each system."""
    plain = blob.replace(b"\r\n", b"\n")
    return (blob, plain, plain.replace(b"\n", b"\r\n"))


def md5s(blob: bytes | None) -> list[str]:
    """The MD5 of each form that Git may have written into the folder; none where nothing was committed."""
    return [FileHash.of(form).md5 for form in line_ends(blob)] if blob is not None else []


def folder_hash(files: Mapping[str, str]) -> str:
    """DVC's hash of a folder: that of its listing, from the path of each file below it to its MD5."""
    ordered = sorted(files.items(), key=lambda entry: entry[0].split("/"))
    listing = [{"md5": md5, "relpath": path} for path, md5 in ordered]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode()).hexdigest() + ".dir"
