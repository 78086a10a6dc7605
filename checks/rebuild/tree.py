"""Copy folders whose contents others chose: never through a link, never past a budget.

Nobody may write to the source meanwhile: it is a folder of ours, or every process that could is dead.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from checks.rebuild.limits import DEPTH, Limits

_CHUNK = 1024 * 1024
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM}
"""A result that cannot be opened, such as a file of mode 000, is as good as none. A full disk of ours is not."""


class TooLarge(Exception):  # noqa: N818 - says what is wrong with the folder, not with the program
    """A folder holds more bytes, entries or levels than the limits allow."""


class Budget:
    """What may still be copied: bytes and entries. Spending more raises `TooLarge`."""

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
