"""Writing the archive, and the Git bundle in it: their bytes depend on what is in them alone.

The archive is a `.tar.gz`. `git bundle` is not asked: what its pack looks like depends on how the clone stores its
objects, and on threads. Format: https://git-scm.com/docs/gitformat-bundle.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from checks.evidence.manifest import PackedFile

if TYPE_CHECKING:
    from checks.evidence.git.repository import Git

Source = Callable[[], BinaryIO]
"""Opens a file for reading; it is read twice."""
_LEVEL = 6
_CHUNK = 1 << 20


class ChangedError(Exception):
    """A file changed while it was packed. The message names it."""


def describe(path: str, source: Source) -> PackedFile:
    """Size and hash of a file as it is now."""
    digest, size = hashlib.sha256(), 0
    with source() as file:
        while chunk := file.read(_CHUNK):
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
                with source() as file_content:
                    try:
                        tar.addfile(member, file_content if member.isreg() else None)
                    except OSError:  # it became shorter
                        raise _changed(file) from None
                if describe(file.path, source) != file:
                    raise _changed(file)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _member(name: str, size: int, time: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, time, 0o644
    return member


def _changed(file: PackedFile) -> ChangedError:
    return ChangedError(f"{file.path} changed while it was packed: stop what writes to it, then mlsd submit again")


def references_of(git: Git) -> dict[str, str]:
    """The branch, its tags and HEAD, with the ids that they name. Tags elsewhere are not of this branch."""
    tags = {name: commit for name, commit in git.tags.items() if commit in git.reachable}
    targets = git.references.below("refs/tags/")
    tip = git.references.all[git.branch]
    return {git.branch: tip, **{f"refs/tags/{name}": targets[name] for name in sorted(tags)}, "HEAD": tip}


def bundle_of(git: Git) -> bytes:
    """The bundle. Raises Malformed where an object is damaged."""
    references = references_of(git)
    names = [name for name, _size in git.objects_of(git.history, references.values())]
    with TemporaryDirectory(prefix="mlsd-bundle-") as folder:
        pack = git.write_pack(names, Path(folder)).read_bytes()
    head = "".join(f"{target} {name}\n" for name, target in references.items())
    return f"# v2 git bundle\n{head}\n".encode() + pack
