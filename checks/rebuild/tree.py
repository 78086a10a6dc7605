"""Copy folders whose contents others chose: by open folders, never through a link, never past a budget.

Windows can't open folders: there, only `Budget` and `parts` of this module work.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from checks.rebuild.limits import DEPTH

# O_NONBLOCK, because opening a named pipe would wait for its writer.
if os.name == "posix":
    _READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    _FOLDER = _READ | os.O_DIRECTORY
    _WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1024 * 1024


class TooLarge(Exception):  # noqa: N818 - says what is wrong with the folder, not with the program
    """A folder holds more bytes, entries or levels than the limits allow."""


class Budget:
    """What may still be copied: bytes and entries. Spending more raises `TooLarge`."""

    def __init__(self, *, size: int, entries: int) -> None:
        self.size = size
        self.entries = entries

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


@contextmanager
def folder(path: Path) -> Iterator[int]:
    """Open a folder of ours and give its descriptor."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def descend(root: int, names: tuple[str, ...], *, make: bool = False, owner: int | None = None) -> Iterator[int]:
    """Open the folder `names` below `root`, following no link. With `make`, missing ones are made, owned by `owner`.

    Raises OSError where one of them is missing, a link or no folder.
    """
    current = os.dup(root)
    try:
        for name in names:
            if make:
                try:
                    os.mkdir(name, 0o755, dir_fd=current)
                    _give(name, owner, current)
                except FileExistsError:
                    pass
            below = os.open(name, _FOLDER, dir_fd=current)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def copy_below(source: int, target: int, *, budget: Budget, links: bool, owner: int | None = None) -> None:
    """Copy what is in the open folder `source` into the open folder `target`.

    Regular files and folders are copied, with only the executable bit of their modes; links as links where
    `links` is true; anything else is left out. `owner` is the user and group that gets the copies.
    Raises TooLarge past the budget, and OSError where something cannot be read or written.
    """
    _copy_below(source, target, budget, links, owner, 0)


def copy_named(source: int, target: int, name: str, *, budget: Budget) -> None:
    """Copy the file or folder `name` from below the open folder `source` to the same place below `target`.

    Nothing happens where it is missing, or is or lies behind a link or special file.
    Raises TooLarge past the budget.
    """
    *above, last = parts(name) or (".",)
    try:
        if last == ".":
            copy_below(source, target, budget=budget, links=False)
            return
        with descend(source, tuple(above)) as start:
            mode = os.stat(last, dir_fd=start, follow_symlinks=False).st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                with descend(target, tuple(above), make=True) as end:
                    _copy_entry(start, end, last, budget, False, None, len(above))
    except OSError as error:
        # A result that cannot be opened, such as a file of mode 000, is as good as none. A full disk of ours is not.
        if error.errno not in _ABSENT:
            raise


_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENXIO}


def clear(root: int, names: tuple[str, ...], *, owner: int | None = None) -> None:
    """Make `names` below `root` an empty folder, whatever was there; the folders above are made too.

    Raises OSError where a folder above is a link or no folder.
    """
    *above, last = names
    with descend(root, tuple(above), make=True, owner=owner) as parent:
        try:
            found = os.stat(last, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            pass
        else:
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(last, dir_fd=parent)
            else:
                os.unlink(last, dir_fd=parent)
        os.mkdir(last, 0o755, dir_fd=parent)
        _give(last, owner, parent)


def _copy_below(source: int, target: int, budget: Budget, links: bool, owner: int | None, depth: int) -> None:
    if depth > DEPTH:
        raise TooLarge(f"more than {DEPTH} folders deep")
    with os.scandir(source) as entries:
        for entry in entries:
            _copy_entry(source, target, entry.name, budget, links, owner, depth)


def _copy_entry(
    source: int, target: int, name: str, budget: Budget, links: bool, owner: int | None, depth: int
) -> None:
    budget.spend(0, entries=1)
    mode = os.stat(name, dir_fd=source, follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        if links:
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
            _give(name, owner, target)
    elif stat.S_ISDIR(mode):
        with descend(source, (name,)) as start, descend(target, (name,), make=True, owner=owner) as end:
            _copy_below(start, end, budget, links, owner, depth + 1)
    elif stat.S_ISREG(mode):
        _copy_file(source, target, name, budget, owner)


def _copy_file(source: int, target: int, name: str, budget: Budget, owner: int | None) -> None:
    reading = os.open(name, _READ, dir_fd=source)
    try:
        mode = os.fstat(reading).st_mode
        if not stat.S_ISREG(mode):
            return
        writing = os.open(name, _WRITE, 0o755 if mode & 0o100 else 0o644, dir_fd=target)
        try:
            while chunk := os.read(reading, _CHUNK):
                budget.spend(len(chunk))
                view = memoryview(chunk)
                while view:
                    view = view[os.write(writing, view) :]
            if owner is not None:
                os.fchown(writing, owner, owner)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _give(name: str, owner: int | None, parent: int) -> None:
    if owner is not None:
        os.chown(name, owner, owner, dir_fd=parent, follow_symlinks=False)
