"""Who handed in what: the submissions of a class held against its roster.

What says whose a submission is, the strongest first: the roster's `source`; the submission's name, which holds the
learner's id, its branch form or e-mail address; the learner that the work names (`learner.toml`), by id or e-mail
address; the submission's name with the learner's full name in it. A name stands above the work's own word, because a
learning platform gives it, and the work's word is copied with the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from checks.core.data import normalise_id
from checks.core.learner import slug
from checks.evidence.git.references import SOLUTION
from checks.findings.sharing import SHOWN, others
from checks.grading.roster import Enrolled, Roster, source_key
from checks.model import MISSING, Finding, Identity, Problem, SubmissionReport

Names = Callable[[str], Iterable[str]]
"""What a submission's name may hold of its learner: ids, e-mail addresses, full names."""
_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".git", ".bundle")


def plain_names(submission: str) -> Iterator[str]:
    """What a file's, folder's or branch's name may hold of its learner: itself without its ending or `solution/`."""
    yield submission
    stem = submission.rpartition(SOLUTION)[2]
    ending = next((ending for ending in sorted(_ENDINGS, key=len, reverse=True) if stem.lower().endswith(ending)), "")
    yield stem[: len(stem) - len(ending)]


@dataclass(frozen=True)
class Placing:
    """Whose each submission is."""

    roster: Roster
    owners: Mapping[str, Enrolled]
    """The learner of each submission, by its name; not there where nobody matches."""
    claims: Mapping[str, tuple[str, ...]]
    """The submissions of each learner, by the roster's id."""
    taken: frozenset[str]
    """The names of all submissions."""

    def placed(self, report: SubmissionReport) -> SubmissionReport:
        """The report with the roster's learner, and with what the roster makes of it as findings."""
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
            findings.append(Finding("claimed-twice", "", detail, others(report.submission, rivals[: SHOWN + 1])))
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


def place(roster: Roster, works: Iterable[tuple[str, Identity | None]], names: Names = plain_names) -> Placing:
    """Find whose each submission is. `works` are their names, each with the learner that the work itself names.

    `names` says what a submission's name may hold of its learner. Takes time in proportion to the class.
    """
    register = _Register(roster)
    owners: dict[str, Enrolled] = {}
    taken: set[str] = set()
    for submission, learner in works:
        taken.add(submission)
        owner = register.owner(submission, list(names(submission)), learner)
        if owner is not None:
            owners[submission] = owner
    claims: dict[str, list[str]] = {}
    for submission, owner in owners.items():
        claims.setdefault(owner.learner.id, []).append(submission)
    return Placing(roster, owners, {learner: tuple(found) for learner, found in claims.items()}, frozenset(taken))


def with_roster(
    roster: Roster, reports: Sequence[SubmissionReport], names: Names = plain_names
) -> tuple[SubmissionReport, ...]:
    """The reports with the roster's learners and findings, and a row for each learner who handed nothing in.

    The reports are gone through twice, one at a time; where they are read from a file, use `place` and its Placing.
    """
    placing = place(roster, ((report.submission, report.learner) for report in reports), names)
    return (*map(placing.placed, reports), *placing.missing())


class _Register:
    """The roster by what a submission can say of its learner."""

    def __init__(self, roster: Roster) -> None:
        self._sources = {source_key(row.source): row for row in roster.rows if row.source}
        found = [row for row in roster.rows if not row.source]
        self._ids = _by(found, lambda row: {normalise_id(row.learner.id), normalise_id(row.learner.email or "")})
        self._slugs = _by(found, lambda row: {slug(row.learner.id), slug(row.learner.email or row.learner.id)})
        self._names = _by(found, lambda row: _turned(row.learner.name))

    def owner(self, submission: str, names: Sequence[str], learner: Identity | None) -> Enrolled | None:
        """The learner whose submission this is."""
        keys = [normalise_id(name) for name in names]
        return (
            _first(self._sources, map(source_key, (submission, *names)))
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


def _squeezed(name: str) -> str:
    """A name's letters and digits alone: Canvas writes `exampleada` where the roster has `Ada Example`."""
    return "".join(filter(str.isalnum, normalise_id(name)))


def _turned(name: str) -> Iterator[str]:
    """A full name squeezed, with each of its words first: some write the family's name before the given one."""
    words = name.split()
    for index in range(len(words)):
        yield _squeezed("".join((*words[index:], *words[:index])))
