"""The corpus of archives: its register, and how they are packed."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Build = Callable[[Path, Path], object]
"""Writes an archive `(archive, finished)` of a finished clone."""


@dataclass(frozen=True)
class Packed:
    """An archive's name, how it is made from a finished clone, and the problem with it: None for full marks."""

    name: str
    build: Build
    problem: str | None
    """The kind of the problem, or the kinds that will do; or EMPTY."""
    says: str


EMPTY = "read, and its branch leads nowhere"
PACKED: dict[str, Packed] = {}


def honest(name: str, build: Build) -> None:
    """Add an archive that gets full marks."""
    refused(None, "", name, build)


def refused(problem: str | None, says: str, name: str, build: Build) -> None:
    """Add an archive by the kind of its problem, and what the message must hold."""
    assert name not in PACKED
    PACKED[name] = Packed(name, build, problem, says)


def packed(
    ending: str, problem: str | None = None, says: str = ""
) -> Callable[[Callable[[Path, Path], None]], Callable[[Path, Path], None]]:
    """Add a builder of several lines to the corpus, under its own name."""

    def add(build: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
        refused(problem, says, build.__name__.replace("_", "-") + ending, build)
        return build

    return add


def members(archive: Path) -> dict[str, bytes]:
    """The files of an archive by their path below its folder, hard links as what they stand for."""
    found = {}
    with tarfile.open(archive) as tar:
        for info in tar:
            content = tar.extractfile(info)
            assert content is not None
            found[info.name.partition("/")[2]] = content.read()
    return found


def tar_folder(archive: Path, finished: Path, top: str, mode: str) -> None:
    """Pack a folder as `top`."""
    with tarfile.open(archive, mode) as tar:  # type: ignore[call-overload]
        tar.add(finished, top)


def zip_folder(archive: Path, finished: Path, top: str) -> zipfile.ZipFile:
    """Pack a folder as `top`; the archive is open for more."""
    pack = zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    for path in sorted(finished.rglob("*")):
        pack.write(path, str(top / path.relative_to(finished)))
    return pack


def tar_of(archive: Path, *members: tarfile.TarInfo, content: bytes = b"x") -> None:
    """Pack members with one content."""
    with tarfile.open(archive, "w:gz" if archive.name.endswith("gz") else "w:") as tar:
        for entry in members:
            entry.size = len(content) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(content))


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A member to pack."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info
