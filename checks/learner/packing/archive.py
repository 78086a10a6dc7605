"""Writing the archive: a `.tar.gz` whose bytes depend on what is in it alone."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from checks.evidence.files import CHUNK
from checks.evidence.manifest import PackedFile

Source = Callable[[], BinaryIO]
"""Opens a file for reading; it is read twice."""
_LEVEL = 6


class ChangedError(Exception):
    """A file changed while it was packed. The message names it."""


def describe(path: str, source: Source) -> PackedFile:
    """Size and hash of a file as it is now."""
    digest, size = hashlib.sha256(), 0
    with source() as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return PackedFile(path, size, digest.hexdigest())


def write_archive(
    target: Path, folder: str, files: Mapping[PackedFile, Source], first: tuple[str, bytes], time: int
) -> None:
    """Write the files into one archive below the folder `folder`, in the order of their paths, after `first`.

    Content that is there already is a hard link to it. `time` stands for the time of every file, in seconds since 1970.
    Raises ChangedError where a file is not what `describe` saw: so the archive holds all of them as they were at one
    moment, a database and its log too.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with (
            unfinished.open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            name, content = first
            tar.addfile(_member(f"{folder}/{name}", len(content), time), io.BytesIO(content))
            written: dict[str, str] = {}
            for file, source in sorted(files.items(), key=lambda item: item[0].path):
                member = _member(f"{folder}/{file.path}", file.size, time)
                if (known := written.setdefault(file.sha256, member.name)) != member.name:
                    member.type, member.linkname, member.size = tarfile.LNKTYPE, known, 0
                    _need_same(file, source)
                    tar.addfile(member)
                else:
                    _add(tar, member, file, source)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _member(name: str, size: int, time: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, time, 0o644
    return member


def _add(tar: tarfile.TarFile, member: tarfile.TarInfo, file: PackedFile, source: Source) -> None:
    with source() as content:
        watched = _Watched(content)
        try:
            tar.addfile(member, watched)
        except OSError:  # it became shorter
            raise _changed(file) from None
        if content.read(1) or watched.digest.hexdigest() != file.sha256:
            raise _changed(file)


class _Watched(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _need_same(file: PackedFile, source: Source) -> None:
    if describe(file.path, source) != file:
        raise _changed(file)


def _changed(file: PackedFile) -> ChangedError:
    return ChangedError(f"{file.path} changed while it was packed: stop what writes to it, then mlsd submit again")
