"""Copy folders whose contents others chose, as files or as a tar archive: never through a link, never past a budget.

Nobody may write to the source meanwhile: it is a folder of ours, or every process that could is dead. No link is ever
made of what comes out of a sandbox, so that no name can lead elsewhere.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tarfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from checks.rebuild.limits import DEPTH, Limits

_CHUNK = 1024 * 1024
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM}
"""A result that cannot be opened, such as a file of mode 000, is as good as none. A full disk of ours is not."""


class TooLarge(Exception):  # noqa: N818 - says what is wrong with the folder, not with the program
    """A folder holds more bytes, entries or levels than the limits allow."""


class Budget:
    """The bytes and entries that may still be copied. Spending more raises `TooLarge`."""

    def __init__(self, *, size: int, entries: int) -> None:
        self.size = size
        self.entries = entries

    @classmethod
    def of(cls, limits: Limits) -> Budget:
        """All that the disk limits allow."""
        return cls(size=limits.disk_bytes, entries=limits.disk_files)

    def spend(self, size: int, *, entries: int = 0) -> None:
        """Take `size` bytes and `entries` entries off the budget."""
        self.size -= size
        self.entries -= entries
        if self.size < 0 or self.entries < 0:
            raise TooLarge("more bytes or files than the limits allow")


def parts(name: str) -> tuple[str, ...]:
    """Split a relative path; raise ValueError where it is absolute or climbs with `..`."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or len(path.parts) > DEPTH:
        raise ValueError(f"not a path below a folder: {name!r}")
    return path.parts


def copy_below(source: Path, target: Path, *, budget: Budget, links: bool, owner: int | None = None) -> None:
    """Copy what is in the folder `source` into the folder `target`.

    Regular files and folders are copied, with only the executable bit of their modes; links as links where
    `links` is true; anything else is left out. `owner` is the user and group that gets the copies.
    Raises TooLarge past the budget, and OSError where something cannot be read or written.
    """
    _copy_below(source, target, budget, links, owner, 0)


def copy_results(source: Path, names: Sequence[str], out: Path, *, budget: Budget) -> None:
    """Copy the files and folders `names` from below `source` to the same places below `out`.

    What is missing, or is or lies behind a link or special file, is left out. Raises TooLarge past the budget.
    """
    for name in names:
        *above, last = parts(name) or (".",)
        start, end = source, out
        try:
            for folder in above:
                start, end = start / folder, end / folder
                if not stat.S_ISDIR(start.lstat().st_mode):
                    break
            else:
                if last == ".":
                    _copy_below(start, end, budget, False, None, 0)
                elif stat.S_ISREG(mode := (start / last).lstat().st_mode) or stat.S_ISDIR(mode):
                    end.mkdir(parents=True, exist_ok=True)
                    _copy_entry(start / last, end / last, budget, False, None, len(above))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise


def empty_folder(root: Path, names: Sequence[str], *, owner: int | None = None) -> None:
    """Make `names` below `root` an empty folder, whatever was there; the folders above are made too.

    Raises OSError where a folder above is a link or no folder.
    """
    place = root
    for name in names[:-1]:
        place = place / name
        if not os.path.lexists(place):
            _make_folder(place, owner)
        elif not stat.S_ISDIR(place.lstat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
    place = place / names[-1]
    if os.path.lexists(place):
        if stat.S_ISDIR(place.lstat().st_mode):
            shutil.rmtree(place)
        else:
            place.unlink()
    _make_folder(place, owner)


def pack(
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
                pack_folder(tar, name, user)
                pack(tar, Path(entry.path), name, budget=budget, user=user, covered=covered)
            elif entry.is_file():
                with open(entry.path, "rb") as content:
                    status = os.fstat(content.fileno())
                    file = _entry(name, user, tarfile.REGTYPE, 0o755 if status.st_mode & 0o100 else 0o644)
                    file.size = status.st_size
                    budget.spend(file.size)
                    tar.addfile(file, content)


def pack_folder(tar: tarfile.TarFile, place: str, user: int) -> None:
    """Add an empty folder that belongs to `user`."""
    tar.addfile(_entry(place, user, tarfile.DIRTYPE, 0o755))


def _entry(name: str, user: int, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.uid = entry.gid = user
    entry.type, entry.mode = kind, mode
    return entry


def unpack(stream: IO[bytes], target: Path, *, budget: Budget) -> None:
    """Unpack an archive of one folder: what is in that folder goes into the folder `target`.

    Links, and names that climb, are left out; of a hard link, the content is there under both names. Raises TooLarge
    past the budget, before the file that goes beyond it is read: a file with holes is as long as it says.
    """
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for entry in tar:
            names = _below(entry.name)
            if not names:
                continue
            budget.spend(entry.size, entries=1)
            place = target.joinpath(*names)
            first = target.joinpath(*_below(entry.linkname)) if entry.islnk() else None
            if entry.isdir():
                place.mkdir(parents=True, exist_ok=True)
            elif entry.isfile() and (content := tar.extractfile(entry)):
                _write(place, content, bool(entry.mode & 0o100))
            elif first and first.is_file():
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


def _copy_below(source: Path, target: Path, budget: Budget, links: bool, owner: int | None, depth: int) -> None:
    if depth > DEPTH:
        raise TooLarge(f"more than {DEPTH} folders deep")
    with os.scandir(source) as entries:
        for entry in entries:
            _copy_entry(Path(entry.path), target / entry.name, budget, links, owner, depth)


def _copy_entry(source: Path, target: Path, budget: Budget, links: bool, owner: int | None, depth: int) -> None:
    budget.spend(0, entries=1)
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode) and links:
        target.symlink_to(os.readlink(source))
        _give(target, owner)
    elif stat.S_ISDIR(mode):
        _make_folder(target, owner)
        _copy_below(source, target, budget, links, owner, depth + 1)
    elif stat.S_ISREG(mode):
        with source.open("rb") as reading, target.open("xb") as writing:
            while chunk := reading.read(_CHUNK):
                budget.spend(len(chunk))
                writing.write(chunk)
        target.chmod(0o755 if mode & 0o100 else 0o644)
        _give(target, owner)


def _make_folder(place: Path, owner: int | None) -> None:
    place.mkdir(0o755, exist_ok=True)
    _give(place, owner)


def _give(place: Path, owner: int | None) -> None:
    if owner is not None:
        os.chown(place, owner, owner, follow_symlinks=False)
