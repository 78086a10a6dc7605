"""The Python code of one task, beyond what the course shows, as a signature that those of others can be held against."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from checks import limits
from checks.core.clone import Form
from checks.evidence.files import Kind
from checks.evidence.git.listing import FOLDER
from checks.findings.code import runs
from checks.findings.fingerprint import Script
from checks.findings.given import given_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasketch import MinHash

    from checks.core.task import Task
    from checks.core.workspace import Workspace
    from checks.evidence.files import Files
    from checks.evidence.git.repository import Git
    from checks.evidence.git.snapshot import Snapshot

PERMUTATIONS = 64
"""Numbers in a signature: the similarity is right to about 0.05. Another count is another signature."""
FEW = 60
"""Runs of words beyond the course's, below which nothing is said: that much is alike in honest work."""

_COURSE = frozenset({"starter", "solution", "mistakes", "test_task.py"})
"""What lies beside the learner's work in a clone of the course."""
_DEPTH = 3
"""Folders within each other that are looked into."""
_List = Callable[[str], list[tuple[str, bool]]]
"""The names in a folder, each with whether it is a folder."""
_Read = Callable[[str], bytes | None]


def script_of(work: Workspace, task: Task) -> Script | None:
    """The signature of the task's committed code, or None where there is too little that is not the course's.

    Without Git, of the code in the folder. Raises Failure where it can't be read.
    """
    written: set[int] = set()
    for source in _sources(work, task):
        written |= _runs(source)
    own = written - given_runs(task.path.parents[1])  # walks through the few, where -= walks through all that is given
    return None if len(own) < FEW else signed(own)


@lru_cache(maxsize=1)
def empty_sketch() -> MinHash:
    """The MinHash that every signature begins as: signatures of different ones can't be compared."""
    from datasketch import MinHash  # takes half a second, and few submissions need it

    return MinHash(num_perm=PERMUTATIONS, seed=1)


def signed(own: set[int]) -> Script:
    """The signature of a script that consists of these runs of words."""
    parts = [run.to_bytes(4, "big") for run in sorted(own)]
    sketch = empty_sketch().copy()
    sketch.update_batch(parts)
    exact = hashlib.sha256(b"".join(parts)).hexdigest()[:32]
    return Script(exact, sketch.hashvalues.astype(">u4").tobytes().hex())


@lru_cache(maxsize=256)
def _runs(source: bytes) -> frozenset[int]:
    """Most of a class hands in some files as the course gave them."""
    return frozenset(runs(source.decode("utf-8", "replace")))


def _sources(work: Workspace, task: Task) -> Iterator[bytes]:
    listed, read = _working(work.files) if work.form is Form.FOLDER else _committed(work.git, work.snapshot)
    found: list[str] = []
    waiting = [(task.folder, 0)]
    while waiting:
        folder, depth = waiting.pop()
        for name, is_folder in listed(folder):
            if name.startswith(".") or (depth == 0 and name in _COURSE):
                continue
            if is_folder and depth < _DEPTH:
                waiting.append((f"{folder}/{name}", depth + 1))
            elif not is_folder and name.endswith(".py"):
                found.append(f"{folder}/{name}")
        if len(found) > limits.SCRIPTS or len(waiting) > limits.SCRIPTS:
            break
    for path in sorted(found)[: limits.SCRIPTS]:
        content = read(path)
        if content is not None and len(content) <= limits.SCRIPT_BYTES:
            yield content


def _committed(git: Git, snapshot: Snapshot) -> tuple[_List, _Read]:
    def listed(folder: str) -> list[tuple[str, bool]]:
        tree = snapshot.id(folder)
        return [(name, mode == FOLDER) for name, (_, mode) in git.listing(tree).items()] if tree else []

    return listed, snapshot.read


def _working(files: Files) -> tuple[_List, _Read]:
    def listed(folder: str) -> list[tuple[str, bool]]:
        return [(entry.name, entry.kind is Kind.FOLDER) for entry in files.entries(folder)]

    return listed, lambda path: files.read(path) if files.is_file(path) else None
