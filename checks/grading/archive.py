"""Unpacking a stranger's archive. Plain files and folders only, by names that stay below the target, within limits.

Never the library's own extraction: it makes links, and every known escape went through one.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks import limits
from checks.grading.problem import SubmissionProblem

_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
_FORBIDDEN = frozenset('\\:*?"<>|')


def is_archive(path: Path) -> bool:
    """Whether the name is one of an archive that can be unpacked."""
    return path.name.lower().endswith(_ENDINGS)


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    content: IO[bytes] | None
    """None for a folder."""


def extract(archive: Path, target: Path) -> None:
    """Unpack `archive` into the empty folder `target`. Symbolic links are left out.

    Raises SubmissionProblem where it is damaged, or where a name or a size is not one of honest work.
    """
    try:
        budget = min(limits.ARCHIVE_BYTES, max(archive.stat().st_size, 1 << 20) * limits.ARCHIVE_RATIO)
        for count, member in enumerate(_members(archive), start=1):
            if count > limits.ARCHIVE_ENTRIES:
                raise SubmissionProblem("too-large", f"more than {limits.ARCHIVE_ENTRIES:,} files are in the archive")
            budget -= _unpack(member, target, budget)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        why = str(error).partition("\n")[0]  # tarfile lists what each decompressor said
        raise SubmissionProblem("unreadable-archive", f"the archive is damaged or of another format: {why}") from None
    except (OSError, ValueError) as error:
        raise SubmissionProblem("unreadable-archive", f"the archive can't be unpacked: {error}") from None


def _members(archive: Path) -> Iterator[_Member]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as pack:
            for entry in pack.infolist():
                unix_kind = entry.external_attr >> 28
                if unix_kind not in (0o00, 0o10, 0o04):  # unknown, file, folder; anything else is a link or a device
                    continue
                if entry.is_dir():
                    yield _Member(entry.filename, 0, None)
                else:
                    with pack.open(entry) as content:
                        yield _Member(entry.filename, entry.file_size, content)
        return
    with tarfile.open(archive) as tar:
        for info in tar:
            if info.isdir():
                yield _Member(info.name, 0, None)
            elif info.isfile() or info.islnk():
                # A hard link is another name of a file that came before: its content is read again.
                yield _Member(info.name, info.size, tar.extractfile(info))
            elif not info.issym():
                raise SubmissionProblem("unsafe-archive", f"{info.name!r} is a device or a pipe")


def _unpack(member: _Member, target: Path, budget: int) -> int:
    """Write one member; how many bytes it took."""
    parts = _parts(member.name)
    if not parts:
        return 0
    place = target.joinpath(*parts)
    if member.content is None:
        place.mkdir(parents=True, exist_ok=True)
        return 0
    place.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with place.open("xb") as file:
        while chunk := member.content.read(1 << 20):
            written += len(chunk)
            if written > budget:
                raise SubmissionProblem("too-large", "the archive unpacks to more than honest work needs")
            file.write(chunk)
    return written


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    unsafe = (
        name.startswith("/")
        or len(parts) > limits.ARCHIVE_DEPTH
        or any(part == ".." or len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts)
        or any(ord(character) < 0x20 or character in _FORBIDDEN for character in name)
    )
    if unsafe:
        raise SubmissionProblem("unsafe-archive", f"the archive holds a name that no honest work has: {name[:120]!r}")
    return parts
