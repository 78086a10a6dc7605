"""Evidence that only one learner can have, found in several submissions.

MLflow draws the id of each run anew, a commit's id holds its author and its time, and what a pipeline makes of personal
data is personal. The same one in two submissions was carried from one to the other, in whichever direction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from checks import limits
from checks.findings.fingerprint import Fingerprint
from checks.model import Finding

_GIVEN_FROM = 10
"""Submissions from which on a share of a class says that something was given."""


class _Item(NamedTuple):
    task: str
    """The task's id; empty for the whole submission."""
    kind: str
    shown: str
    value: str


def shared_evidence(prints: Mapping[str, Fingerprint]) -> Iterator[tuple[str, Finding]]:
    """A finding for each submission and task that has something of others, and one for its commits.

    Nearly all items of a class are one learner's alone: of these nothing is kept but a number.
    """
    repeated = _repeated(hash(item) for fingerprint in prints.values() for item in set(_items(fingerprint)))
    holders: dict[_Item, list[str]] = {}
    having: Counter[tuple[str, str]] = Counter()
    for submission, fingerprint in prints.items():
        items = dict.fromkeys(_items(fingerprint))
        for item in items:
            if hash(item) in repeated:
                holders.setdefault(item, []).append(submission)
        having.update({(item.task, item.kind) for item in items})
    shared: dict[tuple[str, str], list[_Item]] = {}
    for item, names in holders.items():
        if len(names) > 1 and not is_given(len(names), having[item.task, item.kind]):
            for submission in names:
                shared.setdefault((submission, item.task), []).append(item)
    for (submission, task), items_of in shared.items():
        yield submission, _finding(submission, task, items_of, holders)


def is_given(sharing: int, having: int) -> bool:
    """True where a thing that `sharing` submissions hold was given to them, of those `having` something of its kind."""
    return having >= _GIVEN_FROM and 2 * sharing > having


def others(submission: str, names: Iterable[str]) -> tuple[str, ...]:
    """The first few names but that of the submission itself, each once."""
    found: dict[str, None] = {}
    for name in names:
        if name != submission:
            found[name] = None
        if len(found) == limits.FINDING_NAMES:
            break
    return tuple(found)


def first_few(names: list[str]) -> list[str]:
    """As many names as `others` needs: of one group, a class of thousands may be in it."""
    return names[: limits.FINDING_NAMES + 1]


def counted(number: int) -> str:
    """The number of other submissions, as words of a sentence."""
    return f"{number:,} other submission{'' if number == 1 else 's'}"


def _repeated(numbers: Iterable[int]) -> set[int]:
    """The numbers that come more than once."""
    once: set[int] = set()
    again: set[int] = set()
    for number in numbers:
        (again if number in once else once).add(number)
    return again


def _items(fingerprint: Fingerprint) -> Iterator[_Item]:
    for commit in fingerprint.whole.commits:
        yield _Item("", "commit", commit[:7], commit)
    for task, found in fingerprint.tasks.items():
        for run in found.runs:
            yield _Item(task, "MLflow run", run[:8], run)
        for output in found.outputs:
            yield _Item(task, "personal output", output.path, output.md5)


def _finding(submission: str, task: str, items: list[_Item], holders: Mapping[_Item, list[str]]) -> Finding:
    kinds: dict[str, list[str]] = {}
    for item in items:
        kinds.setdefault(item.kind, []).append(item.shown)
    parts = [
        f"{len(shown)} {kind}{'' if len(shown) == 1 else 's'} ({', '.join(shown[:3])}{', …' if shown[3:] else ''})"
        for kind, shown in kinds.items()
    ]
    most = max(len(holders[item]) for item in items) - 1
    names = others(submission, (name for item in items for name in first_few(holders[item])))
    return Finding("shared-evidence", task, f"the same as in {counted(most)}: {', '.join(parts)}", names)
