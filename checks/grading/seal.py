"""Whether a gradebook is the one that would be written again: then nothing is put together, and nothing is written.

A seal lies beside the gradebook and tells what it was made of, which files were written, and how it was summed up.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from checks.core.course import OWN_COURSE
from checks.grading.gradebook import FEEDBACK, FILES
from checks.grading.totals import Totals

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.grading.journal import Journal

_NAME = ".gradebook.json"
_OF_THE_RENDERERS = {".py", ".j2", ".css", ".js", ".json"}


class _Seal(msgspec.Struct):
    made_of: str
    files: str
    """See `_files`."""
    totals: Totals


def made_of(course: Course, journal: Journal, names: Iterable[str], *asked: object) -> str:
    """A hash that changes with everything that a gradebook tells: results, code, course, what was asked for, the day.

    The day, because a time that lies in the future is a finding until it has come.
    """
    today = datetime.now(UTC).date()
    whole = (journal.digest(), list(names), course.stamp, course.late, asked, today, _renderers())
    return hashlib.blake2b(repr(whole).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def unbroken(out: Path, made_of: str) -> Totals | None:
    """How the gradebook in a folder was summed up, where it was made of the same and nobody changed it since."""
    try:
        seal = msgspec.json.decode((out / _NAME).read_bytes(), type=_Seal)
        same = seal.made_of == made_of and seal.files == _files(out)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return seal.totals if same else None


def put(out: Path, made_of: str, totals: Totals) -> None:
    """Seal the gradebook that was just written."""
    unfinished = out / f"{_NAME}.unfinished"
    unfinished.write_bytes(msgspec.json.encode(_Seal(made_of, _files(out), totals)))
    os.replace(unfinished, out / _NAME)


def _files(out: Path) -> str:
    """A hash of the files of a gradebook: names, sizes, times of the last change and inode numbers."""
    with os.scandir(out / FEEDBACK) as entries:
        found = [_facts(f"{FEEDBACK}/{entry.name}", entry.stat(follow_symlinks=False)) for entry in entries]
    found += [_facts(name, (out / name).stat()) for name in FILES]
    digest = hashlib.blake2b(digest_size=16)
    for facts in sorted(found):
        digest.update(facts)
    return digest.hexdigest()


def _facts(name: str, status: os.stat_result) -> bytes:
    return f"{name} {status.st_size} {status.st_mtime_ns} {status.st_ino}\n".encode("utf-8", "surrogatepass")


def _renderers() -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted((OWN_COURSE / "checks").rglob("*")):
        if path.suffix in _OF_THE_RENDERERS and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
