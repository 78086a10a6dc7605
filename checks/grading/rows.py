"""The rows of a class's gradebook: the journal's reports, with what only the class as a whole tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, overload

from checks.grading.job import Evidence, findings
from checks.grading.late import with_lateness
from checks.grading.matching import match, parse_lms_name
from checks.model import Finding, SubmissionReport

if TYPE_CHECKING:
    from datetime import datetime

    from checks.core.course import Course
    from checks.grading.journal import Journal
    from checks.grading.roster import Roster


class Rows(Sequence[SubmissionReport]):
    """The rows of a class: each is read from the journal when somebody looks at it, and those of who is missing."""

    def __init__(
        self,
        journal: Journal,
        names: Sequence[str],
        finish: Callable[[SubmissionReport], SubmissionReport],
        missing: Sequence[SubmissionReport] = (),
    ) -> None:
        """`finish` adds to a report what does not come from its submission alone."""
        self._journal = journal
        self._names = names
        self._finish = finish
        self._missing = missing

    def __len__(self) -> int:
        return len(self._names) + len(self._missing)

    @overload
    def __getitem__(self, index: int) -> SubmissionReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SubmissionReport]: ...
    def __getitem__(self, index: int | slice) -> SubmissionReport | Sequence[SubmissionReport]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if index >= len(self._names):
            return self._missing[index - len(self._names)]
        return self._finish(self._journal.report(self._names[index]))


def class_rows(
    course: Course,
    journal: Journal,
    names: Sequence[str],
    tasks: Sequence[str],
    *,
    roster: Roster | None = None,
    due: datetime | None = None,
) -> Rows:
    """The rows of the submissions with these names: findings, who is who, who is missing, and who came late.

    Of these tasks alone, in their order: the journal may hold more.
    """
    found: Mapping[str, tuple[Finding, ...]] = {}
    if findings is not None:
        found = findings.find(_Evidence(journal, names), now=time.time())
    extensions = roster.extensions() if roster else {}
    matching = match(roster, ((name, journal.learner(name)) for name in names)) if roster else None

    def finish(report: SubmissionReport) -> SubmissionReport:
        judged = {task.task: task for task in report.tasks}
        wanted = tuple(judged[task] for task in tasks if task in judged)
        report = replace(report, tasks=wanted, findings=found.get(report.submission, ()))
        if matching is not None:
            report = matching.matched(report)
        lms = parse_lms_name(report.submission)
        extension = extensions.get(report.learner.id) if report.learner else None
        return with_lateness(report, course.late, due, extension=extension, marked=bool(lms and lms.late))

    return Rows(journal, names, finish, tuple(matching.missing()) if matching else ())


class _Evidence(Mapping[str, Evidence]):
    """The evidence of a class, each read from the journal when somebody looks at it."""

    def __init__(self, journal: Journal, names: Sequence[str]) -> None:
        self._journal = journal
        self._names = [name for name in names if journal.problem(name) is None]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, name: str) -> Evidence:
        return self._journal.evidence(name) or {}
