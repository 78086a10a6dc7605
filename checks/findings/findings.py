"""What the evidence of a class shows when it is laid side by side: for an instructor to look at, never turned into points.

A finding says that two things are alike, or that a time can't be, and nothing about how that came about. Who worked in a
pair, who handed in twice and who went on at another computer is found too.

What more than half of those share who have anything of its kind, in ten submissions or more, was given to them: a store
or a script that was handed out in class. It is not told. Nor are copies that most of a class made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from checks.findings.chronology import DAY, moment
from checks.findings.fingerprint import Fingerprint, Script
from checks.findings.sharing import SHOWN, counted, is_given, others, shared_evidence
from checks.findings.similarity import groups
from checks.model import Finding

Prints = Mapping[str, Fingerprint]
"""The fingerprint of each submission, by its name."""
Found = Iterator[tuple[str, Finding]]


def find(prints: Prints, *, now: float) -> dict[str, tuple[Finding, ...]]:
    """The findings of each submission that has some. `now` is the time of grading, in seconds since 1970.

    Their kinds: `shared-evidence`, `others-data`, `similar-script`, `time-order`, `rewritten-history`, `manifest`. Their
    step is a task's id, or empty for the whole submission. Takes time in proportion to the class.
    """
    found: dict[str, list[Finding]] = {}
    for source in (shared_evidence(prints), _others_data(prints), _similar_scripts(prints), _alone(prints, now)):
        for submission, finding in source:
            found.setdefault(submission, []).append(finding)
    return {submission: tuple(findings) for submission, findings in found.items()}


def _others_data(prints: Prints) -> Found:
    """Data that is made from the id of somebody else in the class."""
    holding = {name: hashes for name, fingerprint in prints.items() if (hashes := _foreign(fingerprint))}
    if not holding:
        return
    foreign = frozenset().union(*holding.values())
    makers: dict[str, list[str]] = {}
    for submission, fingerprint in prints.items():
        for md5 in foreign.intersection(fingerprint.data):
            makers.setdefault(md5, []).append(submission)
    for submission in (name for name, hashes in holding.items() if not hashes.isdisjoint(makers)):
        fingerprint = prints[submission]
        for task in fingerprint.tasks:
            held = [file for file in task.foreign if file.md5 in makers]
            if not held:
                continue
            owner = prints[makers[held[0].md5][0]].learner
            detail = f"{held[0].path} is the data of {owner}, and not that of {fingerprint.learner}"
            names = others(submission, (name for file in held for name in makers[file.md5][: SHOWN + 1]))
            yield submission, Finding("others-data", task.task, detail, names)


def _foreign(fingerprint: Fingerprint) -> frozenset[str]:
    """The MD5 of each data file that is not this learner's."""
    return frozenset(file.md5 for task in fingerprint.tasks for file in task.foreign)


def _similar_scripts(prints: Prints) -> Found:
    """Code beyond the course's own that is nearly the same: one task after the other, as each takes memory."""
    written = Counter(task.task for fingerprint in prints.values() for task in fingerprint.tasks if task.script)
    for step, count in written.items():
        for group in groups(_scripts(prints, step)):
            if is_given(len(group), count):
                continue
            first_few = list(group)[: SHOWN + 1]
            for submission, similarity in group.items():
                detail = (
                    f"its Python code is {similarity:.0%} alike with that of {counted(len(group) - 1)}; "
                    "names, texts, numbers and what the course itself shows are left out of account"
                )
                yield submission, Finding("similar-script", step, detail, others(submission, first_few))


def _scripts(prints: Prints, step: str) -> Iterator[tuple[str, Script]]:
    for submission, fingerprint in prints.items():
        for task in fingerprint.tasks:
            if task.task == step and task.script is not None:
                yield submission, task.script


def _alone(prints: Prints, now: float) -> Found:
    """What a submission says of itself."""
    for submission, fingerprint in prints.items():
        for step, times, latest in (
            ("", fingerprint.times, fingerprint.latest),
            *((task.task, task.times, task.latest) for task in fingerprint.tasks),
        ):
            future = (f"its latest time, {moment(latest)}, is after this grading",) if latest > now + DAY else ()
            if detail := "; ".join((*times, *future)):
                yield submission, Finding("time-order", step, detail)
        if fingerprint.rewritten:
            yield submission, Finding("rewritten-history", "", "; ".join(fingerprint.rewritten))
        if fingerprint.manifest:
            yield submission, Finding("manifest", "", fingerprint.manifest)
