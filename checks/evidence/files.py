"""The files of a submission, confined to its folder and limited in size.

Paths are relative to the submission, with `/`. A link is followed only where it stays inside, one component
at a time from an open folder, so that a link exchanged while we look leads nowhere either.
"""

from __future__ import annotations

import hashlib
import os
import stat
import weakref
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from checks import limits
from checks.expect import Malformed

_CONFINED = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_READ = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


class Kind(StrEnum):
    """The kind of what is at a path."""

    FILE = "file"
    FOLDER = "folder"
    MISSING = "missing"
    LINK = "a link"
    OUTSIDE = "a link that leads out of the submission"
    SPECIAL = "neither a file nor a folder"


@dataclass(frozen=True, slots=True)
class FileHash:
    """The MD5 of a file's bytes as 32 hexadecimal digits (DVC's name for it), and its size in bytes."""

    md5: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> FileHash:
        """The hash of bytes in memory."""
        return cls(hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data))


class Entry(NamedTuple):
    """One name in a folder, links not followed. `size` is in bytes."""

    name: str
    kind: Kind
    size: int


_AT = {kind: str(kind) for kind in Kind} | {Kind.MISSING: "nothing", Kind.FOLDER: "a folder"}
"""The words for each kind, where a file should be."""


class _OutsideError(OSError):
    """A link leads out of the root."""


class _Place(NamedTuple):
    """A path that was found: its status, the open folder that it is in, and its name there, as it was found."""

    path: str
    status: os.stat_result
    folder: int | None
    """None where folders can't be opened (Windows): the name is a whole path then."""
    name: str

    def open(self) -> int:
        """Open the file for reading. Raises Malformed where that may not be, and where it is a link by now."""
        try:
            return os.open(self.name, _READ, dir_fd=self.folder)
        except OSError as error:
            raise _unreadable(self.path, error) from None


class Files:
    """The files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[tuple[str, ...], int] = {}
        weakref.finalize(self, _close, self._folders)

    def kind(self, path: str) -> Kind:
        """The kind of what is at `path`, links inside the submission followed."""
        try:
            place = self._find(path)
        except _OutsideError:
            return Kind.OUTSIDE
        except (OSError, ValueError):
            return Kind.MISSING
        return _kind(place.status)

    def is_file(self, path: str) -> bool:
        """Whether a regular file is at `path`."""
        return self.kind(path) is Kind.FILE

    def is_folder(self, path: str) -> bool:
        """Whether a folder is at `path`."""
        return self.kind(path) is Kind.FOLDER

    def is_plain_folder(self, path: str) -> bool:
        """Whether a folder is at `path`, with no link on the way: what the system opens there is inside too."""
        parts = PurePosixPath(path).parts
        try:
            linked = any(self.root.joinpath(*parts[: depth + 1]).is_symlink() for depth in range(len(parts)))
        except ValueError:
            return False
        return not linked and ".." not in parts and self.is_folder(path)

    def size(self, path: str) -> int:
        """The size of the file at `path`, in bytes. Raises Malformed where there is no file."""
        return self._file(path).status.st_size

    def names(self, path: str = "") -> list[str]:
        """The names in a folder, sorted; empty where there is no folder."""
        return [entry.name for entry in self.entries(path)]

    def entries(self, path: str = "") -> list[Entry]:
        """The entries of a folder, sorted by name; empty where there is no folder. Raises Malformed beyond the limit."""
        fd = self._folder(path)
        if fd is None:
            return []
        found: list[Entry] = []
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    found.append(Entry(entry.name, _kind(status), status.st_size))
                    if len(found) > limits.FOLDER_ENTRIES:
                        raise Malformed(path or ".", f"more than is read: at most {limits.FOLDER_ENTRIES:,} files")
        finally:
            if isinstance(fd, int):
                os.close(fd)
        return sorted(found)

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        """The bytes of the file at `path`. Raises Malformed where it is no file or longer than `limit` bytes."""
        place = self._small_file(path, limit)
        with open(place.open(), "rb") as file:
            return file.read(place.status.st_size)

    def open(self, path: str, limit: int) -> BufferedReader:
        """The file at `path`, open for reading. Raises Malformed where it is no file or longer than `limit` bytes."""
        return os.fdopen(self._small_file(path, limit).open(), "rb")

    def begins(self, path: str, start: bytes) -> bool:
        """Whether the file at `path` begins with these bytes. Raises Malformed where there is no file."""
        with open(self._file(path).open(), "rb") as file:
            return file.read(len(start)) == start

    def hash(self, path: str, limit: int = limits.HASHED_BYTES) -> FileHash:
        """The MD5 and size of the file at `path`. Raises Malformed like `read`."""
        place = self._small_file(path, limit)
        with open(place.open(), "rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            return FileHash(digest.hexdigest(), file.tell())

    def _small_file(self, path: str, limit: int) -> _Place:
        """The file at `path`. Raises Malformed beyond `limit` bytes."""
        place = self._file(path)
        size = place.status.st_size
        if size > limit:
            raise Malformed(path, f"{size:,} bytes: at most {limit:,} bytes are read")
        return place

    def _file(self, path: str) -> _Place:
        """The file at `path`. Raises Malformed where there is none."""
        try:
            place = self._find(path)
            kind = _kind(place.status)
        except (OSError, ValueError) as error:
            place = None
            kind = Kind.OUTSIDE if isinstance(error, _OutsideError) else Kind.MISSING
        if place is None or kind is not Kind.FILE:
            raise Malformed(path, _AT[kind])
        return place

    def _folder(self, path: str) -> int | Path | None:
        """The folder at `path`, open; its path where folders can't be opened, and None where there is no folder."""
        if not _CONFINED:
            return self._resolved(path) if self.kind(path) is Kind.FOLDER else None
        try:
            place = self._find(path)
            return os.open(place.name, _FOLDER | os.O_NOFOLLOW, dir_fd=place.folder)
        except PermissionError as error:
            raise _unreadable(path, error) from None
        except (OSError, ValueError):
            return None

    def _resolved(self, path: str) -> Path:
        """The path behind every link, where folders can't be opened (Windows)."""
        root = self.root.resolve(strict=True)
        try:
            resolved = (root / path).resolve(strict=True)
        except RuntimeError:  # a link loop, before Python 3.13
            raise _OutsideError(path) from None
        if not resolved.is_relative_to(root):
            raise _OutsideError(path)
        return resolved

    def _find(self, path: str) -> _Place:
        """Find `path`, every link on the way replaced by what it points to.

        The folder that it is in stays open for the next file in it: whoever exchanges it meanwhile is not followed.
        """
        if not _CONFINED:
            resolved = self._resolved(path)
            return _Place(path, resolved.lstat(), None, os.fspath(resolved))
        parts = _parts(path)
        for _ in range(limits.LINK_HOPS):
            done = self._walk(path, parts)
            if isinstance(done, _Place):
                return done
            parts = tuple(done)
        raise _OutsideError(path)

    def _walk(self, path: str, parts: tuple[str, ...]) -> _Place | list[str]:
        """Open all folders of `parts` but the last; or, at the first link, the parts that it leads to."""
        known = max(len(parts) - 1, 0)
        while known and parts[:known] not in self._folders:
            known -= 1
        folder = self._folders.get(parts[:known])
        if folder is None:
            folder = self._kept((), os.open(self.root, _FOLDER))
        for index in range(known, len(parts)):
            name = parts[index]
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                return [*self._target(parts[:index], os.readlink(name, dir_fd=folder)), *parts[index + 1 :]]
            if index == len(parts) - 1:
                return _Place(path, status, folder, name)
            folder = self._kept(parts[: index + 1], os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder))
        return _Place(path, os.stat(folder), folder, ".")

    def _kept(self, parts: tuple[str, ...], folder: int) -> int:
        """Keep a folder open. Where there are too many, all others are closed but the root."""
        if len(self._folders) >= limits.OPEN_FOLDERS:
            for other in [other for other in self._folders if other]:
                os.close(self._folders.pop(other))
        self._folders[parts] = folder
        return folder

    def _target(self, at: tuple[str, ...], target: str) -> tuple[str, ...]:
        """The parts of a link's target. DVC writes absolute links into its own cache: those may stay inside."""
        if os.path.isabs(target):
            for root in (self.root.absolute(), self.root.resolve()):
                if Path(target).is_relative_to(root):
                    return _parts(Path(target).relative_to(root).as_posix())
            raise _OutsideError(target)
        return _parts("/".join([*at, target]))


def _unreadable(path: str, error: OSError) -> Malformed:
    why = (error.strerror or type(error).__name__).lower()
    return Malformed(path or ".", f"it can't be read: {why} (chmod u+rwX {path or '.'})")


def _kind(status: os.stat_result) -> Kind:
    if stat.S_ISREG(status.st_mode):
        return Kind.FILE
    if stat.S_ISLNK(status.st_mode):
        return Kind.LINK
    return Kind.FOLDER if stat.S_ISDIR(status.st_mode) else Kind.SPECIAL


def _close(folders: dict[tuple[str, ...], int]) -> None:
    for folder in folders.values():
        os.close(folder)


@lru_cache(maxsize=4096)
def _parts(path: str) -> tuple[str, ...]:
    """The components of a path with `.` and `..` worked out; out of the root is an error."""
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "/" or (part == ".." and not parts):
            raise _OutsideError(path)
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return tuple(parts)
