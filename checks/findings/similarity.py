"""The Python code of a task, beyond what the course shows, as a signature; and groups of scripts that are alike.

What the course shows are the starters, the READMEs and the hints of all tasks, as code is carried from task to task;
and the reference solutions, where the course holds them: two learners who follow a README word for word arrive at the
same lines, and have copied from nobody.

The similarity is Jaccard's: of the runs of words that two scripts have together, the share that both have. A script is
held against the first one of each group that MinHash LSH finds near it, never against all others, so that the time
grows with the class alone (https://ekzhu.com/datasketch/lsh.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from checks import limits
from checks.core.clone import Form
from checks.core.course import load_course
from checks.core.task import COURSE_NAMES
from checks.evidence.files import Kind
from checks.findings.code import runs

if TYPE_CHECKING:
    from pathlib import Path

    from datasketch import MinHash

    from checks.core.task import Task
    from checks.core.workspace import Workspace

ALIKE = 0.8
"""The least similarity that is told."""
PERMUTATIONS = 64
"""Numbers in a signature: the similarity is right to about 0.05. Another count is another signature."""
FEW = 60
"""Runs of words beyond the course's, below which nothing is said: that much is alike in honest work."""
_BANDS = (16, 4)
"""Parts of a signature, and numbers in each: of 5,000 pairs that are 0.8 alike, one is overlooked."""
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DEPTH = 3
"""Folders within each other that are looked into."""


def signature_of(work: Workspace, task: Task) -> str | None:
    """The signature of the task's committed code, or None where there is too little that is not the course's.

    Without Git, of the code in the folder. Raises Failure where it can't be read.
    """
    written: set[int] = set()
    for source in _sources(work, task):
        written |= _runs(source)
    own = written - _course_runs(task.path.parents[1])
    return None if len(own) < FEW else signature(own)


def signature(own: set[int]) -> str:
    """The signature of a script that consists of these runs of words: its MinHash, as hexadecimal digits."""
    sketch = _empty_sketch().copy()
    sketch.update_batch([run.to_bytes(4, "big") for run in own])
    return str(sketch.hashvalues.astype(">u4").tobytes().hex())


def groups(scripts: Iterable[tuple[str, str]]) -> list[dict[str, float]]:
    """The groups of two or more submissions, from each submission with its script's signature.

    Each submission comes with its similarity to the first one of its group, and the first one with that of the one
    that is nearest to it.
    """
    from datasketch import MinHashLSH  # takes half a second, and few classes need it

    index: MinHashLSH | None = None
    firsts: dict[str, MinHash] = {}
    found: dict[str, dict[str, float]] = {}
    nearest: dict[str, tuple[str, float]] = {}
    for submission, script in scripts:
        if script not in nearest:
            sketch = _sketch(script)
            index = index or MinHashLSH(num_perm=len(sketch), params=_BANDS)
            near = [(sketch.jaccard(firsts[name]), name) for name in index.query(sketch)]
            similarity, first = max(near, default=(0.0, ""))
            if similarity < ALIKE:
                similarity, first = 1.0, submission
                index.insert(submission, sketch)
                firsts[submission], found[submission] = sketch, {}
            nearest[script] = first, similarity
        first, similarity = nearest[script]
        found[first][submission] = similarity
    shared = {first: members for first, members in found.items() if len(members) > 1}
    for first, members in shared.items():
        members[first] = max(similarity for name, similarity in members.items() if name != first)
    return list(shared.values())


@lru_cache(maxsize=1)
def _empty_sketch() -> MinHash:
    """The MinHash that every signature begins as: signatures of different ones can't be compared."""
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, seed=1)


def _sketch(script: str) -> MinHash:
    import numpy as np

    sketch = _empty_sketch().copy()
    numbers = np.frombuffer(bytes.fromhex(script), dtype=">u4")
    sketch.hashvalues = numbers.astype(sketch.hashvalues.dtype)
    return sketch


@lru_cache(maxsize=256)
def _runs(source: bytes) -> frozenset[int]:
    """Most of a class hands in some files as the course gave them."""
    return frozenset(runs(source.decode("utf-8", "replace")))


@lru_cache(maxsize=4)
def _course_runs(course: Path) -> frozenset[int]:
    """The runs of words in the code of a course folder."""
    return frozenset(run for task in load_course(course).tasks for source in _shown(task) for run in runs(source))


def _shown(task: Task) -> list[str]:
    scripts = [path for folder in ("starter", "solution") for path in sorted((task.path / folder).rglob("*.py"))]
    readme = task.path / "README.md"
    blocks = _BLOCK.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
    hints = [hint for step in task.steps for hint in step.hints]
    return [path.read_text(encoding="utf-8") for path in scripts] + blocks + hints


def _sources(work: Workspace, task: Task) -> Iterator[bytes]:
    """The learner's Python files in a task folder, those that are not too many and not too large."""
    found: list[str] = []
    waiting = [(task.folder, 0)]
    while waiting and len(found) <= limits.SCRIPTS and len(waiting) <= limits.SCRIPTS:
        folder, depth = waiting.pop()
        for name, is_folder in _listed(work, folder):
            if name.startswith(".") or (depth == 0 and name in COURSE_NAMES):
                continue
            if is_folder and depth < _DEPTH:
                waiting.append((f"{folder}/{name}", depth + 1))
            elif not is_folder and name.endswith(".py"):
                found.append(f"{folder}/{name}")
    for path in sorted(found)[: limits.SCRIPTS]:
        content = _content(work, path)
        if content is not None and len(content) <= limits.SCRIPT_BYTES:
            yield content


def _listed(work: Workspace, folder: str) -> list[tuple[str, bool]]:
    """The names in a folder, each with whether it is a folder."""
    if work.form is Form.FOLDER:
        return [(entry.name, entry.kind is Kind.FOLDER) for entry in work.files.entries(folder)]
    return work.snapshot.names(folder)


def _content(work: Workspace, path: str) -> bytes | None:
    if work.form is not Form.FOLDER:
        return work.snapshot.read(path)
    return work.files.read(path) if work.files.is_file(path) else None
