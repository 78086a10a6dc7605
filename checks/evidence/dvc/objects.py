"""A store of objects by their hash: DVC's cache, or a remote that is a folder.

Layout: https://doc.dvc.org/user-guide/project-structure/internal-files#structure-of-the-cache-directory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import msgspec

from checks import limits
from checks.evidence.documents import convert, parse_json
from checks.evidence.dvc.pointer import MD5, Output
from checks.evidence.files import FileHash, Files, Kind
from checks.expect import Failure, Malformed


class _Entry(msgspec.Struct):
    relpath: str
    md5: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one object: `found` says it, `path` is its place in the store."""

    path: str
    found: str
    missing: bool = False


class ObjectStore:
    """The objects below one folder of a submission."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self.folder = folder
        self._examined = cache(self._examine)

    def path(self, md5: str, legacy: bool = False) -> str:
        """Where the object of this hash belongs, relative to the store."""
        return f"{'' if legacy else 'files/md5/'}{md5[:2]}/{md5[2:]}"

    def holds(self, md5: str, legacy: bool = False) -> bool:
        """Whether something is stored under this hash."""
        return self._files.is_file(f"{self.folder}/{self.path(md5, legacy)}")

    def fault(self, md5: str, legacy: bool = False) -> Fault | None:
        """What is wrong with the object of this hash: it is missing, or its content has another hash."""
        return self._examined(md5, legacy)

    def _examine(self, md5: str, legacy: bool) -> Fault | None:
        path = self.path(md5, legacy)
        kind = self._files.kind(f"{self.folder}/{path}")
        if kind is not Kind.FILE:
            missing = kind is Kind.MISSING
            return Fault(path, "nothing" if missing else str(kind), missing)
        try:
            found = self._files.hash(f"{self.folder}/{path}")
        except Failure as failure:
            return Fault(path, failure.found)
        if found.md5 == md5.removesuffix(".dir"):
            return None
        return Fault(path, f"content whose hash is {found.md5} ({found.size:,} bytes)")

    def listing(self, output: Output) -> dict[str, str] | None:
        """The files of a tracked folder: path below the folder to MD5. None where its listing is not stored whole.

        Raises Malformed where it is none.
        """
        if self.fault(output.md5, output.legacy) is not None:
            return None
        where = f"{self.folder}/{self.path(output.md5, output.legacy)}"
        entries = convert(parse_json(self._files.read(where, limits.LISTING_BYTES), where), list[_Entry], where)
        if len(entries) > limits.LISTING_FILES:
            raise Malformed(where, f"a folder's listing of more than {limits.LISTING_FILES:,} files")
        files = {entry.relpath: entry.md5 for entry in entries}
        if len(files) != len(entries) or not all(map(MD5.match, files.values())):
            raise Malformed(where, "a folder's listing with a path twice, or without an MD5 of 32 hexadecimal digits")
        return files

    def faults(self, output: Output) -> list[Fault]:
        """What is wrong with the objects of an output: its own, and for a folder those of its files."""
        own = self.fault(output.md5, output.legacy)
        if own is not None or not output.is_folder:
            return [own] if own else []
        members = self.listing(output) or {}
        return [fault for md5 in members.values() if (fault := self.fault(md5, output.legacy)) is not None]


def line_ends(blob: bytes) -> tuple[bytes, ...]:
    """A committed file as Git may have written it into the folder: as it is, and with the line ends of each system."""
    plain = blob.replace(b"\r\n", b"\n")
    return (blob, plain, plain.replace(b"\n", b"\r\n"))


def md5s(blob: bytes | None) -> list[str]:
    """The MD5 of each form that Git may have written into the folder; none where nothing was committed."""
    return [FileHash.of(form).md5 for form in line_ends(blob)] if blob is not None else []


def folder_hash(files: Mapping[str, str]) -> str:
    """DVC's hash of a folder: that of its listing, from the path of each file below it to its MD5."""
    ordered = sorted(files.items(), key=lambda entry: entry[0].split("/"))
    listing = [{"md5": md5, "relpath": path} for path, md5 in ordered]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode()).hexdigest() + ".dir"
