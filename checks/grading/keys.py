"""Cache keys: a verdict holds as long as the key of its submission and the key of its task are the same."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.core.course import OWN_COURSE
from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.expect import Failure
from checks.submissions.branches import Branch

if TYPE_CHECKING:
    from checks.grading.job import Assignment
    from checks.submissions.submission import Submission

_OF_A_CHECK = ("*.py", "checking/**/*.py", "*.toml", "*.md", "starter/**/*")
"""The files of a task's folder that may change a verdict. Work that somebody does in it is not looked at."""
_SETTLED_NS = 100_000_000
"""A file that changed so shortly before could change again within the same tick of its file system's clock."""
_Entry = tuple[str, int, int, int, int, int]
"""Of one file: name, mode, size in bytes, inode number, last change of its content and of anything in ns since 1970."""


class _TooManyError(Exception):
    """There is more in a folder than anybody looks through."""


def task_keys(assignment: Assignment) -> dict[str, str]:
    """For each task that is asked for, a hash that changes with everything that may change a verdict on it.

    That is this package's code, the task's own folder, the steps that are asked for, and the limits of a rebuild.
    """
    engine = _digest_of_sources(OWN_COURSE, (OWN_COURSE / "checks").rglob("*.py"))
    rebuild = str(assignment.rebuild) if assignment.rebuild else ""
    keys = {}
    for chosen in assignment.selection:
        files = {path for pattern in _OF_A_CHECK for path in chosen.task.path.glob(pattern) if path.is_file()}
        asked = (assignment.course.id, sorted(chosen.steps or ()), rebuild)
        whole = f"{engine} {_digest_of_sources(chosen.task.path, files)} {asked}"
        keys[chosen.task.id] = hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()
    return keys


def submission_key(submission: Submission) -> str | None:
    """A hash that changes with the submission, told without opening it.

    Of an archive, the hash of its bytes. Of a folder, that of names, sizes, times and inode numbers, as Git's index
    tells that a file was not changed. Of a branch, where it and the tags point. None where nothing reliable can be
    told: it can't be read, a file in it has just been changed, or there are more files than anybody looks through.
    """
    try:
        if isinstance(submission, Branch):
            return _digest(repr(_references(submission)).encode())
        status = submission.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= limits.HASHED_BYTES:
            with submission.open("rb") as file:
                return hashlib.file_digest(file, _hash).hexdigest()
        return _digest_of_folder(submission)
    except (OSError, Failure, _TooManyError):
        return None


def _hash(data: bytes = b"") -> hashlib.blake2b:
    return hashlib.blake2b(data, digest_size=16)


def _digest(data: bytes) -> str:
    return _hash(data).hexdigest()


def _digest_of_sources(root: Path, files: Iterable[Path]) -> str:
    digest = _hash()
    for path in sorted(files):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _digest_of_folder(root: Path) -> str | None:
    digest, newest = _hash(), 0
    for entries in _walk(root):
        newest = max((newest, *(max(entry[4:]) for entry in entries)))
        digest.update(repr(entries).encode("utf-8", "surrogatepass"))
    return digest.hexdigest() if newest + _SETTLED_NS < time.time_ns() else None


def _walk(root: Path) -> Iterator[list[_Entry]]:
    """The entries of each folder, in an order that depends on names alone. Links are not followed.

    Of a folder in a folder the name alone: what is in it tells the rest.
    """
    status = root.lstat()
    yield [_entry("", status)]
    waiting = [os.fspath(root)] if stat.S_ISDIR(status.st_mode) else []
    count = 0
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as found:
            entries = sorted(
                (entry.name, stat.S_IFDIR, 0, 0, 0, 0)
                if entry.is_dir(follow_symlinks=False)
                else _entry(entry.name, entry.stat(follow_symlinks=False))
                for entry in found
            )
        count += len(entries)
        if count > limits.KEYED_ENTRIES:
            raise _TooManyError
        yield entries
        waiting += [f"{folder}/{entry[0]}" for entry in entries if stat.S_ISDIR(entry[1])]


def _entry(name: str, of: os.stat_result) -> _Entry:
    return name, of.st_mode, of.st_size, of.st_ino, of.st_mtime_ns, of.st_ctime_ns


def _references(branch: Branch) -> list[tuple[str, str]]:
    references = Git(Files(branch.path)).references.all
    tags = [(name, target) for name, target in references.items() if name.startswith("refs/tags/")]
    return [(branch.reference, references.get(branch.reference, "")), *sorted(tags)]
