"""The findings of a class, from the evidence of all laid side by side: for an instructor to look at, never points.

A finding says that two things are alike, or that a time can't be, and nothing about how that came about. Who worked in a
pair, who handed in twice and who went on at another computer is found too.

What more than half of those share who have anything of its kind, in ten submissions or more, was given to them: a store
or a script that was handed out in class. It is not told. Nor are copies that most of a class made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from checks.findings.chronology import DAY, moment
from checks.findings.fingerprint import Fingerprint, TaskPrint, WholePrint, fingerprint
from checks.findings.sharing import counted, first_few, is_given, others, shared_evidence
from checks.findings.similarity import groups
from checks.model import Finding

Prints = Mapping[str, Fingerprint]
"""The fingerprint of each submission, by its name."""
Found = Iterator[tuple[str, Finding]]


def find(evidence: Mapping[str, Mapping[str, Any]], *, now: float) -> dict[str, tuple[Finding, ...]]:
    """The findings of each submission that has some. `now` is the time of grading, in seconds since 1970.

    Their kinds: `shared-evidence`, `others-data`, `similar-script`, `time-order`, `rewritten-history`, `manifest`. Their
    step is a task's id, or empty for the whole submission. Takes time in proportion to the class.
    """
    prints = _Prints(evidence)
    found: dict[str, list[Finding]] = {}
    for source in (shared_evidence(prints), _others_data(prints), _similar_scripts(prints), _alone(prints, now)):
        for submission, finding in source:
            found.setdefault(submission, []).append(finding)
    return {submission: tuple(findings) for submission, findings in found.items()}


class _Prints(Mapping[str, Fingerprint]):
    """The fingerprints in the evidence of a class: each is made when somebody looks at it, and kept by nobody."""

    def __init__(self, evidence: Mapping[str, Mapping[str, Any]]) -> None:
        self._evidence = evidence

    def __len__(self) -> int:
        return len(self._evidence)

    def __iter__(self) -> Iterator[str]:
        return iter(self._evidence)

    def __getitem__(self, name: str) -> Fingerprint:
        return fingerprint(self._evidence[name])


def _others_data(prints: Prints) -> Found:
    """Data that is made from the id of somebody else in the class."""
    holding = {name: hashes for name, one in prints.items() if (hashes := _foreign(one))}
    if not holding:
        return
    foreign = frozenset().union(*holding.values())
    makers: dict[str, list[str]] = {}
    for submission, one in prints.items():
        for md5 in foreign.intersection(one.whole.data):
            makers.setdefault(md5, []).append(submission)
    for submission in (name for name, hashes in holding.items() if not hashes.isdisjoint(makers)):
        one = prints[submission]
        for task, found in one.tasks.items():
            held = [file for file in found.foreign if file.md5 in makers]
            if held:
                owner = prints[makers[held[0].md5][0]].whole.learner
                detail = f"{held[0].path} is the data of {owner}, and not that of {one.whole.learner}"
                names = others(submission, (name for file in held for name in first_few(makers[file.md5])))
                yield submission, Finding("others-data", task, detail, names)


def _foreign(one: Fingerprint) -> frozenset[str]:
    """The MD5 of each data file that is not this learner's."""
    return frozenset(file.md5 for found in one.tasks.values() for file in found.foreign)


def _similar_scripts(prints: Prints) -> Found:
    """Code beyond the course's own that is nearly the same: one task after the other, as each takes memory."""
    written = Counter(task for one in prints.values() for task, found in one.tasks.items() if found.script)
    for task, count in written.items():
        for group in groups(_scripts(prints, task)):
            if is_given(len(group), count):
                continue
            few = first_few(list(group))
            for submission, similarity in group.items():
                detail = (
                    f"its Python code is {similarity:.0%} alike with that of {counted(len(group) - 1)}; "
                    "names, texts, numbers and what the course itself shows are left out of account"
                )
                yield submission, Finding("similar-script", task, detail, others(submission, few))


def _scripts(prints: Prints, task: str) -> Iterator[tuple[str, str]]:
    for submission, one in prints.items():
        if task in one.tasks and (script := one.tasks[task].script):
            yield submission, script


def _alone(prints: Prints, now: float) -> Found:
    """The findings that a submission has by itself."""
    for submission, one in prints.items():
        parts: Mapping[str, TaskPrint | WholePrint] = {"": one.whole, **one.tasks}
        for task, part in parts.items():
            future = (
                (f"its latest time, {moment(part.latest)}, is after this grading",) if part.latest > now + DAY else ()
            )
            if detail := "; ".join((*part.times, *future)):
                yield submission, Finding("time-order", task, detail)
        if one.whole.rewritten:
            yield submission, Finding("rewritten-history", "", "; ".join(one.whole.rewritten))
        if one.whole.manifest:
            yield submission, Finding("manifest", "", one.whole.manifest)
