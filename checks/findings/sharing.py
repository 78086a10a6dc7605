"""Evidence that only one learner can have, found in several submissions.

MLflow draws the id of each run anew, a commit's id holds its author and its time, and what a pipeline makes of personal
data is personal. The same one in two submissions was carried from one to the other, in whichever direction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from checks.findings.fingerprint import Fingerprint
from checks.model import Finding

SHOWN = 20
"""Other submissions that one finding names; how many there are is in its text."""
_GIVEN_FROM = 10
"""Submissions from which on a share of a class says that something was given."""


class _Mark(NamedTuple):
    step: str
    kind: str
    shown: str
    value: str


def shared_evidence(prints: Mapping[str, Fingerprint]) -> Iterator[tuple[str, Finding]]:
    """A finding for each submission and task that has something of others, and one for its commits.

    Nearly all marks of a class are one learner's alone: of these nothing is kept but a number.
    """
    holders: dict[_Mark, list[str]] = {}
    having: dict[tuple[str, str], int] = {}
    repeated = _repeated(hash(mark) for fingerprint in prints.values() for mark in set(_marks(fingerprint)))
    for submission, fingerprint in prints.items():
        marks = dict.fromkeys(_marks(fingerprint))
        for mark in marks:
            if hash(mark) in repeated:
                holders.setdefault(mark, []).append(submission)
        for sort in {(mark.step, mark.kind) for mark in marks}:
            having[sort] = having.get(sort, 0) + 1
    shared: dict[tuple[str, str], list[_Mark]] = {}
    for mark, names in holders.items():
        if len(names) > 1 and not is_given(len(names), having[mark.step, mark.kind]):
            for submission in names:
                shared.setdefault((submission, mark.step), []).append(mark)
    for (submission, step), marks_of in shared.items():
        yield submission, _finding(submission, step, marks_of, holders)


def is_given(sharing: int, having: int) -> bool:
    """Whether something that `sharing` submissions hold was given to them, of those `having` something of its kind."""
    return having >= _GIVEN_FROM and 2 * sharing > having


def others(submission: str, names: Iterable[str]) -> tuple[str, ...]:
    """The first few names but that of the submission itself, each once."""
    found: dict[str, None] = {}
    for name in names:
        if name != submission:
            found[name] = None
        if len(found) == SHOWN:
            break
    return tuple(found)


def counted(number: int) -> str:
    """How many other submissions."""
    return f"{number:,} other submission{'' if number == 1 else 's'}"


def _repeated(numbers: Iterable[int]) -> Collection[int]:
    """The numbers that come more than once."""
    import numpy as np  # takes its time

    ordered = np.fromiter(numbers, dtype=np.int64)
    ordered.sort()
    return frozenset(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]).tolist())


def _marks(fingerprint: Fingerprint) -> Iterator[_Mark]:
    for commit in fingerprint.commits:
        yield _Mark("", "commit", commit[:7], commit)
    for task in fingerprint.tasks:
        for run in task.runs:
            yield _Mark(task.task, "MLflow run", run[:8], run)
        for output in task.outputs:
            yield _Mark(task.task, "personal output", output.path, output.md5)


def _finding(submission: str, step: str, marks: list[_Mark], holders: Mapping[_Mark, list[str]]) -> Finding:
    kinds: dict[str, list[str]] = {}
    for mark in marks:
        kinds.setdefault(mark.kind, []).append(mark.shown)
    parts = [
        f"{len(shown)} {kind}{'' if len(shown) == 1 else 's'} ({', '.join(shown[:3])}{', …' if shown[3:] else ''})"
        for kind, shown in kinds.items()
    ]
    most = max(len(holders[mark]) for mark in marks) - 1
    names = others(submission, (name for mark in marks for name in holders[mark][: SHOWN + 1]))
    return Finding("shared-evidence", step, f"the same as in {counted(most)}: {', '.join(parts)}", names)
