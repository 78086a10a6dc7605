"""Whether a submission is still the one that was judged, told without reading it again."""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import time
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.files import CHUNK, Files
from checks.evidence.git.repository import Git
from checks.expect import Failure
from checks.submissions.branches import Branch

if TYPE_CHECKING:
    from checks.submissions.submission import Submission

_MARSHAL = 2
"""The format's last version that depends on the values alone: later ones tell too how often an object is used."""
_SETTLED_NS = 100_000_000
"""A file that changed so shortly before could change again within the same tick of its file system's clock."""


def sight(submission: Submission) -> str | None:
    """A hash that changes with every file of a folder or archive: of names, sizes, times and inode numbers.

    As Git's index and DVC's state tell that a file was not changed. Of a folder in it the name alone: what is in there
    tells the rest. Of a branch: where it and the tags point. None where nothing reliable can be told: a file has just
    been changed, or there are more than anybody looks through.
    """
    if isinstance(submission, Branch):
        return _references(submission)
    newest = 0
    digest = hashlib.blake2b(digest_size=16)
    try:
        for found in _walk(submission):
            newest = max((newest, *map(_MODIFIED, found), *map(_CHANGED, found)))
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


_Facts = tuple[str, int, int, int, int, int]
_MODIFIED, _CHANGED = itemgetter(4), itemgetter(5)


def _walk(root: Path) -> Iterator[list[_Facts]]:
    """Everything in a folder, a list for each folder in it, links not followed, in an order that depends on names alone.

    Of each: the path's last part, mode, size in bytes, inode number, and the times of the last change of its content
    and of anything about it, in nanoseconds; of a folder in it the name alone. This is all that an unchanged class
    costs, so nothing here is called for each file that need not be.
    """
    top = root.lstat()
    yield [("", top.st_mode, top.st_size, top.st_ino, top.st_mtime_ns, top.st_ctime_ns)]
    waiting = [os.fspath(root)] if stat.S_ISDIR(top.st_mode) else []
    count = 0
    while waiting:
        folder = waiting.pop()
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found.append((entry.name, stat.S_IFDIR, 0, 0, 0, 0))
                    continue
                of = entry.stat(follow_symlinks=False)
                found.append((entry.name, of.st_mode, of.st_size, of.st_ino, of.st_mtime_ns, of.st_ctime_ns))
        found.sort()
        count += len(found)
        if count > limits.STAMPED_ENTRIES:
            raise _TooManyError
        yield found
        waiting += [f"{folder}/{facts[0]}" for facts in found if stat.S_ISDIR(facts[1])]


def _references(branch: Branch) -> str | None:
    try:
        references = Git(Files(branch.path)).references.all
    except Failure:
        return None
    looked_at = {name: target for name, target in references.items() if name.startswith("refs/tags/")}
    looked_at[branch.reference] = references.get(branch.reference, "")
    return hashlib.blake2b(repr(sorted(looked_at.items())).encode(), digest_size=16).hexdigest()
