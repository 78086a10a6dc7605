"""Whether a submission is still the one that was judged, told without reading it again."""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.files import CHUNK, Files
from checks.evidence.git import Git
from checks.expect import Failure
from checks.grading.branches import Branch

if TYPE_CHECKING:
    from checks.grading.submission import Submission

_MARSHAL = 2
"""The format's last version that depends on the values alone: later ones tell too how often an object is used."""
_SETTLED_NS = 100_000_000
"""A file that changed so shortly before could change again within the same tick of its file system's clock."""


def sight(submission: Submission) -> str | None:
    """A hash that changes with every file of a folder or archive: of names, sizes, times and inode numbers.

    As Git's index and DVC's state tell that a file was not changed. Of a branch: where it and the tags point. None
    where nothing reliable can be told: a file has just been changed, or there are more than anybody looks through.
    """
    if isinstance(submission, Branch):
        return _references(submission)
    newest = 0
    digest = hashlib.blake2b(digest_size=16)
    try:
        for found in _walk(submission):
            newest = max(newest, *(max(facts[-2:]) for _, facts in found)) if found else newest
            digest.update(marshal.dumps(found, _MARSHAL))
    except (OSError, _TooManyError):
        return None
    return digest.hexdigest() if newest + _SETTLED_NS < time.time_ns() else None


def content(submission: Submission) -> str | None:
    """A hash of the bytes of an archive, the same wherever it is copied to. None for a folder and a branch."""
    if isinstance(submission, Branch) or not submission.is_file() or submission.is_symlink():
        return None
    digest = hashlib.blake2b(digest_size=16)
    try:
        with submission.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()


class _TooManyError(Exception):
    """There is more in a folder than anybody looks through."""


_Facts = tuple[int, int, int, int, int]


def _walk(root: Path) -> Iterator[list[tuple[str, _Facts]]]:
    """Everything in a folder, a list for each folder in it, links not followed, in an order that depends on names alone.

    Of each: the path's last part, and mode, size in bytes, inode number and both times in nanoseconds.
    """
    yield [("", _facts(root.lstat()))]
    waiting = [os.fspath(root)] if root.is_dir() and not root.is_symlink() else []
    count = 0
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            found = sorted((entry.name, _facts(entry.stat(follow_symlinks=False))) for entry in entries)
        count += len(found)
        if count > limits.STAMPED_ENTRIES:
            raise _TooManyError
        yield found
        waiting += [f"{folder}/{name}" for name, facts in found if stat.S_ISDIR(facts[0])]


def _facts(status: os.stat_result) -> _Facts:
    return status.st_mode, status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _references(branch: Branch) -> str | None:
    try:
        references = Git(Files(branch.path)).references.all
    except Failure:
        return None
    looked_at = {name: target for name, target in references.items() if name.startswith("refs/tags/")}
    looked_at[branch.reference] = references.get(branch.reference, "")
    return hashlib.blake2b(repr(sorted(looked_at.items())).encode(), digest_size=16).hexdigest()
