"""Matching the submissions of a class with the learners of its roster.

These decide, the strongest first: the roster's `source`; the submission's name, which holds the
learner's id, its branch form or e-mail address; the learner that the work names (`learner.toml`), by id or e-mail
address; the submission's name with the learner's full name in it. A name stands above the work's own word, because a
learning platform gives it, and the work's word is copied with the work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from checks import limits
from checks.core.data import normalise_id
from checks.core.learner import slug
from checks.evidence.git.references import SOLUTION
from checks.grading.roster import Enrolled, Roster, source_key
from checks.model import MISSING, Finding, Identity, Problem, SubmissionReport

_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".git", ".bundle")
_CANVAS = re.compile(
    r"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>[0-9]{1,20})_(?P<attachment>[0-9]{1,20})_(?P<file>.+)", re.DOTALL
)
_MOODLE = re.compile(r"(?P<name>.+)_(?P<id>[0-9]{1,20})_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL)
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class LmsName:
    """The parts of a name that an LMS gives to a downloaded submission.

    Canvas: `lastnamefirst_LATE_12345_67890_answer.zip`, the file's number in the end counting what was handed in again.
    Moodle: `Ada Example_123456_assignsubmission_file_`, a folder for each learner, or that before the file's own name.
    """

    lms: str
    """`canvas` or `moodle`."""
    name: str
    """The learner's, as the LMS writes it: Canvas leaves out spaces and capitals."""
    id: str
    """Canvas's number of the learner; Moodle's of the learner's part in the assignment."""
    file: str
    """The learner's name for the file; empty where the name is a folder's."""
    late: bool | None
    """None where the name tells nothing of it, as Moodle's never does."""


def parse_lms_name(name: str) -> LmsName | None:
    """The parts of the name of a file or folder, or None where no LMS gave it."""
    if len(name) > _LONGEST_NAME:
        return None
    if match := _MOODLE.fullmatch(name):
        return LmsName("moodle", match["name"], match["id"], match["file"] or "", None)
    if match := _CANVAS.fullmatch(name):
        return LmsName("canvas", match["name"], match["id"], match["file"], match["late"] is not None)
    return None


def _names_in(submission: str) -> Iterator[str]:
    """The ids, e-mail addresses and full names that the name of a file, folder or branch may be or hold."""
    yield submission
    stem = submission.rpartition(SOLUTION)[2]
    ending = next((ending for ending in sorted(_ENDINGS, key=len, reverse=True) if stem.lower().endswith(ending)), "")
    yield stem[: len(stem) - len(ending)]
    if lms := parse_lms_name(submission):
        yield lms.name


@dataclass(frozen=True)
class Matching:
    """The learner of each submission, as far as the roster tells."""

    roster: Roster
    owners: Mapping[str, Enrolled]
    """The learner of each submission, by its name; not there where nobody matches."""
    claims: Mapping[str, tuple[str, ...]]
    """The submissions of each learner, by the roster's id."""
    taken: frozenset[str]
    """The names of all submissions."""

    def matched(self, report: SubmissionReport) -> SubmissionReport:
        """The report with the roster's learner, and with a finding where the roster and the work disagree."""
        owner = self.owners.get(report.submission)
        if owner is None:
            detail = f"nobody in the roster matches this submission: {self._said(report.learner)}"
            return replace(report, findings=(*report.findings, Finding("not-in-roster", "", detail)))
        findings = list(report.findings)
        if report.learner is not None and not _is(owner, report.learner):
            detail = (
                f"the work says that it is from {report.learner.id}, and the roster that it is from {owner.learner.id}"
            )
            findings.append(Finding("identity", "", detail))
        rivals = self.claims[owner.learner.id]
        if len(rivals) > 1:
            detail = f"{len(rivals):,} submissions are from {owner.learner.id}: name the one that counts as `source`"
            findings.append(Finding("claimed-twice", "", detail, _others(report.submission, rivals)))
        return replace(report, learner=owner.learner, findings=tuple(findings))

    def _said(self, learner: Identity | None) -> str:
        if learner is None:
            return "the work does not say whose it is"
        elsewhere = self._sources.get(normalise_id(learner.id))
        return f"the work says {learner.id}" + (f", whose `source` is {elsewhere}" if elsewhere else "")

    @cached_property
    def _sources(self) -> dict[str, str]:
        return {normalise_id(row.learner.id): row.source for row in self.roster.rows}

    def missing(self) -> Iterator[SubmissionReport]:
        """A row for everybody who handed nothing in, in the roster's order."""
        for row in self.roster.rows:
            if row.learner.id in self.claims:
                continue
            name = row.source or row.learner.id
            detail = "nothing was handed in" + (f": there is no submission named {row.source}" if row.source else "")
            while name in self.taken:
                name = f"{name} (missing)"
            yield SubmissionReport(name, learner=row.learner, problem=Problem(MISSING, detail))


def match(roster: Roster, works: Iterable[tuple[str, Identity | None]]) -> Matching:
    """Find whose each submission is. `works` are their names, each with the learner that the work itself names.

    Takes time in proportion to the class.
    """
    register = _Register(roster)
    owners: dict[str, Enrolled] = {}
    taken: set[str] = set()
    for submission, learner in works:
        taken.add(submission)
        owner = register.owner(list(_names_in(submission)), learner)
        if owner is not None:
            owners[submission] = owner
    claims: dict[str, list[str]] = {}
    for submission, owner in owners.items():
        claims.setdefault(owner.learner.id, []).append(submission)
    return Matching(roster, owners, {learner: tuple(found) for learner, found in claims.items()}, frozenset(taken))


class _Register:
    """The roster's learners by everything that a submission can say of them."""

    def __init__(self, roster: Roster) -> None:
        self._sources = {source_key(row.source): row for row in roster.rows if row.source}
        found = [row for row in roster.rows if not row.source]
        self._ids = _by(found, lambda row: {normalise_id(row.learner.id), normalise_id(row.learner.email or "")})
        self._slugs = _by(found, lambda row: {slug(row.learner.id), slug(row.learner.email or row.learner.id)})
        self._names = _by(found, lambda row: _turned(row.learner.name))

    def owner(self, names: Sequence[str], learner: Identity | None) -> Enrolled | None:
        """The learner whose submission this is; `names` are those in the submission's name, itself the first."""
        keys = [normalise_id(name) for name in names]
        return (
            _first(self._sources, map(source_key, names))
            or _first(self._ids, keys)
            or _first(self._slugs, keys)
            or (self._ids.get(normalise_id(learner.id)) if learner else None)
            or _first(self._names, map(_squeezed, names))
        )


def _by(rows: Sequence[Enrolled], keys: Callable[[Enrolled], Iterable[str]]) -> dict[str, Enrolled]:
    """The rows by those of their keys that only one of them has."""
    pairs = [(key, row) for row in rows for key in set(keys(row)) if key]
    count = Counter(key for key, _ in pairs)
    return {key: row for key, row in pairs if count[key] == 1}


def _first(register: Mapping[str, Enrolled], keys: Iterable[str]) -> Enrolled | None:
    return next((register[key] for key in keys if key in register), None)


def _is(row: Enrolled, learner: Identity) -> bool:
    return normalise_id(learner.id) in {normalise_id(row.learner.id), normalise_id(row.learner.email or row.learner.id)}


def _others(submission: str, rivals: Sequence[str]) -> tuple[str, ...]:
    """A few of the other submissions."""
    few = rivals[: limits.FINDING_NAMES + 1]
    return tuple(name for name in few if name != submission)[: limits.FINDING_NAMES]


def _squeezed(name: str) -> str:
    """A name's letters and digits alone: Canvas writes `exampleada` where the roster has `Ada Example`."""
    return "".join(filter(str.isalnum, normalise_id(name)))


def _turned(name: str) -> Iterator[str]:
    """A full name squeezed, with each of its words first: some write the family's name before the given one."""
    words = name.split()
    for index in range(len(words)):
        yield _squeezed("".join((*words[index:], *words[:index])))
