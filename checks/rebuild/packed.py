"""Folders as a tar archive, which is how they go into a container and come out of it.

What goes in is a folder of ours that nobody else writes to. What comes out was chosen by the work that was rebuilt:
only plain files and folders are taken, by names below the target, within a budget. No link is ever made, so that no
name can lead elsewhere.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from checks.rebuild.limits import DEPTH
from checks.rebuild.tree import Budget, TooLarge

_CHUNK = 1024 * 1024


def add_folder(tar: tarfile.TarFile, place: str, user: int) -> None:
    """Add an empty folder that belongs to `user`."""
    tar.addfile(_entry(place, user, tarfile.DIRTYPE, 0o755))


def add_below(
    tar: tarfile.TarFile, source: Path, place: str, *, budget: Budget, user: int, covered: Collection[str] = ()
) -> None:
    """Add what is in the folder `source`, below `place`, as files of `user`: plain files, folders and links.

    What lies at the places `covered` is left out. Raises TooLarge past the budget.
    """
    if place.count("/") > DEPTH:
        raise TooLarge(f"more than {DEPTH} folders deep")
    with os.scandir(source) as entries:
        for entry in entries:
            name = f"{place}/{entry.name}"
            if name in covered:
                continue
            budget.spend(0, entries=1)
            if entry.is_symlink():
                link = _entry(name, user, tarfile.SYMTYPE, 0o777)
                link.linkname = os.readlink(entry.path)
                tar.addfile(link)
            elif entry.is_dir():
                add_folder(tar, name, user)
                add_below(tar, Path(entry.path), name, budget=budget, user=user, covered=covered)
            elif entry.is_file():
                with open(entry.path, "rb") as content:
                    status = os.fstat(content.fileno())
                    file = _entry(name, user, tarfile.REGTYPE, 0o755 if status.st_mode & 0o100 else 0o644)
                    file.size = status.st_size
                    budget.spend(file.size)
                    tar.addfile(file, content)


def _entry(name: str, user: int, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.uid = entry.gid = user
    entry.type, entry.mode = kind, mode
    return entry


def unpack(chunks: Iterable[bytes], target: Path, *, budget: Budget) -> None:
    """Unpack an archive of one folder: what is in that folder goes into the empty folder `target`.

    Links, and names that climb, are left out; of a hard link, the content is there under both names. Raises TooLarge
    past the budget, before the file that goes beyond it is read: a file with holes is as long as it says.
    """
    stream = cast("IO[bytes]", io.BufferedReader(_Chunks(iter(chunks)), _CHUNK))
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for entry in tar:
            names = _below(entry.name)
            if not names:
                continue
            budget.spend(entry.size, entries=1)
            place = target.joinpath(*names)
            if entry.isdir():
                place.mkdir(parents=True, exist_ok=True)
            elif entry.isfile() and (content := tar.extractfile(entry)):
                _write(place, content, bool(entry.mode & 0o100))
            elif entry.islnk():
                first = target.joinpath(*_below(entry.linkname))
                if first.is_file():
                    budget.spend(first.stat().st_size)
                    with first.open("rb") as content:
                        _write(place, content, bool(entry.mode & 0o100))


def _below(name: str) -> tuple[str, ...]:
    """The path below the archive's one folder; empty where there is none, or where it would lead elsewhere."""
    names = PurePosixPath(name).parts[1:]
    if len(names) > DEPTH:
        raise TooLarge(f"more than {DEPTH} folders deep")
    return () if name.startswith("/") or ".." in names else names


def _write(place: Path, content: IO[bytes], executable: bool) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
    place.chmod(0o755 if executable else 0o644)


class _Chunks(io.RawIOBase):
    """Chunks of bytes as a file that can be read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        taken, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
