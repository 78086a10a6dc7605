"""Unpacking a stranger's archive. Plain files and folders only, by names that stay below the target, within limits.

Never the library's own extraction: it makes links, and every known escape went through one.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import re
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from checks import limits

_ENDING = re.compile(r".*\.(zip|tar|tgz|tzst|tar(-\d{1,3})?\.(gz|zst))", re.IGNORECASE | re.DOTALL)
"""Canvas writes the number of what was handed in again before the last ending: `ada.tar-1.gz`."""
_FORBIDDEN = frozenset('\\:*?"<>|' if os.name == "nt" else "\\")
"""Characters that mean something to a system that unpacks; elsewhere, a picture may be named after the time of day."""
_DRIVE = re.compile("[A-Za-z]:")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_DAMAGES = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, zstd.ZstdError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError),
)
"""Exceptions that the standard library raises on a damaged archive: its own errors, and those of code that trusted a number."""
_OURS = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EROFS, errno.ENOMEM})
"""Troubles of this machine: never the learner's."""


class SubmissionProblem(Exception):  # noqa: N818 - it becomes a row of the gradebook, not a failure of the program
    """A submission that can't be read. `kind` is a stable word, `detail` a sentence for the instructor."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail


def is_archive(path: Path) -> bool:
    """Whether the name is one of an archive that can be unpacked."""
    return _ENDING.fullmatch(path.name) is not None


@dataclass(frozen=True, slots=True)
class _Member:
    """One file or folder in an archive: a folder has neither `content` nor `link`."""

    name: str
    content: IO[bytes] | None = None
    link: str | None = None
    """The name of a file that came before, of which this is another name."""


class _SmallReads:
    """A stream that gives little at a time: `tarfile` reads a header whole, however long it says it is."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= limits.ARCHIVE_HEADER_BYTES:
            raise SubmissionProblem("unsafe-archive", f"the archive has a header of {size:,} bytes")
        return self._stream.read(size)


def extract(archive: Path, target: Path) -> None:
    """Unpack `archive` into the empty folder `target`. Symbolic links are left out.

    Raises SubmissionProblem where it is damaged, or where a name or a size is not one of honest work.
    """
    members = _zip_members(archive) if archive.name.lower().endswith(".zip") else _tar_members(archive)
    try:
        budget = min(limits.ARCHIVE_BYTES, max(archive.stat().st_size, 1 << 20) * limits.ARCHIVE_RATIO)
        with contextlib.closing(members):
            for count, member in enumerate(members, start=1):
                _need_few(count)
                budget -= _unpack(member, target, budget)
    except _DAMAGES as error:
        if isinstance(error, OSError) and error.errno in _OURS:
            raise
        said = (error.strerror if isinstance(error, OSError) else None) or error
        raise SubmissionProblem("unreadable-archive", f"the archive is damaged or of another format: {said}") from None


def _need_few(count: int) -> None:
    if count > limits.ARCHIVE_ENTRIES:
        raise SubmissionProblem("too-large", f"more than {limits.ARCHIVE_ENTRIES:,} files are in the archive")


def _zip_members(archive: Path) -> Generator[_Member, None, None]:
    with zipfile.ZipFile(archive) as pack:
        _need_few(len(pack.infolist()))
        for entry in pack.infolist():
            unix_kind = entry.external_attr >> 28
            if unix_kind not in (0o00, 0o10, 0o04):  # unknown, file, folder; anything else is a link or a device
                continue
            name = entry.orig_filename  # `filename` ends before a NUL
            if entry.is_dir():
                yield _Member(name)
            elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise SubmissionProblem("unreadable-archive", f"{name[:120]!r} is packed as no usual program does it")
            else:
                with pack.open(entry) as content:
                    yield _Member(name, content)


def _tar_members(archive: Path) -> Generator[_Member, None, None]:
    with contextlib.ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(archive.open("rb"))
        begin = stream.read(len(_ZSTD))
        stream.seek(0)
        if begin.startswith(_GZIP):
            stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=stream)))
        elif begin == _ZSTD:
            stream = stack.enter_context(_zstd(stream))
        tar = stack.enter_context(tarfile.open(fileobj=_SmallReads(stream), mode="r:"))  # type: ignore[call-overload]
        while (info := tar.next()) is not None:
            tar.members.clear()  # each holds a copy of the archive's global headers
            if info.isdir():
                yield _Member(info.name)
            elif info.isfile():
                yield _Member(info.name, tar.extractfile(info))
            elif info.islnk():
                yield _Member(info.name, link=info.linkname)
            elif not info.issym():
                raise SubmissionProblem("unsafe-archive", f"{info.name[:120]!r} is a device or a pipe")
        _read_to_the_end(stream)


def _read_to_the_end(stream: IO[bytes]) -> None:
    """Read what pads a tar: the checksum of what it is packed in comes last, and is not looked at before."""
    left = limits.ARCHIVE_PADDING_BYTES
    while chunk := stream.read(limits.ARCHIVE_HEADER_BYTES):
        left -= len(chunk)
        if left < 0:
            padding = f"more than {limits.ARCHIVE_PADDING_BYTES:,} bytes follow behind its end"
            raise SubmissionProblem("unreadable-archive", f"the archive is damaged or of another format: {padding}")


def _zstd(stream: IO[bytes]) -> IO[bytes]:
    """A stream of Zstandard, unpacked. One that looks far back would take as much memory; zstd itself refuses it too."""
    options = {int(zstd.DecompressionParameter.window_log_max): limits.ZSTD_WINDOW_LOG}
    return cast("IO[bytes]", zstd.ZstdFile(stream, options=options))


def _unpack(member: _Member, target: Path, budget: int) -> int:
    """Write one member; how many bytes it took."""
    parts = _parts(member.name)
    if not parts:
        return 0
    place = target.joinpath(*parts)
    try:
        if member.link is not None:
            return _write_again(member.link, target, place, budget)
        if member.content is not None:
            return _write(member.content, place, budget)
        place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise SubmissionProblem("unsafe-archive", f"{member.name[:120]!r} is in the archive twice") from None
    return 0


def _write_again(link: str, target: Path, place: Path, budget: int) -> int:
    """Write the file that a hard link names. It is one that we wrote: links are never made."""
    source = target.joinpath(*_parts(link))
    if not source.is_file():
        found = f"{place.name!r} is a hard link to {link[:120]!r}, which is no file before it in the archive"
        raise SubmissionProblem("unsafe-archive", found)
    with source.open("rb") as content:
        return _write(content, place, budget)


def _write(content: IO[bytes], place: Path, budget: int) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with place.open("xb") as file:
        while chunk := content.read(limits.ARCHIVE_HEADER_BYTES):
            written += len(chunk)
            if written > budget:
                raise SubmissionProblem(
                    "too-large", f"{place.name!r}: the archive unpacks to more than honest work needs"
                )
            file.write(chunk)
    return written


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    unsafe = (
        name.startswith("/")
        or _DRIVE.match(name)
        or len(parts) > limits.ARCHIVE_DEPTH
        or any(part == ".." or len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts)
        or any(ord(character) < 0x20 or character in _FORBIDDEN for character in name)
    )
    if unsafe:
        raise SubmissionProblem("unsafe-archive", f"the archive holds a name that no honest work has: {name[:120]!r}")
    return parts
