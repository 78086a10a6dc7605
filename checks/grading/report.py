"""Putting judged submissions together into the report of a class."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload

from checks.findings.findings import find
from checks.grading.late import with_lateness
from checks.grading.lms_name import parse_lms_name
from checks.grading.placing import place, plain_names
from checks.model import CohortReport, SubmissionReport

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.findings.fingerprint import Fingerprint
    from checks.grading.journal import Journal
    from checks.grading.roster import Roster

Finish = Callable[[SubmissionReport], SubmissionReport]


class JudgedClass(Sequence[SubmissionReport]):
    """The rows of a class: each is read from the journal when somebody looks at it, and those of who is missing."""

    def __init__(
        self,
        journal: Journal,
        names: Sequence[str],
        tasks: Collection[str],
        finish: Finish,
        missing: Sequence[SubmissionReport] = (),
    ) -> None:
        """Rows of these tasks: the journal may know more. `finish` adds what does not come from a submission alone."""
        self._journal = journal
        self._names = names
        self._tasks = tasks
        self._finish = finish
        self._missing = missing
        self._last: tuple[int, SubmissionReport] | None = None
        """Reports that are written side by side ask for the same row one after the other."""

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
        if self._last is None or self._last[0] != index:
            report = self._journal.report(self._names[index])
            tasks = tuple(task for task in report.tasks if task.task in self._tasks)
            self._last = index, self._finish(replace(report, tasks=tasks))
        return self._last[1]


def judged_class(
    course: Course,
    journal: Journal,
    names: Sequence[str],
    tasks: Collection[str],
    *,
    roster: Roster | None = None,
    due: datetime | None = None,
) -> JudgedClass:
    """The rows of a class with what only the class tells: findings, who is who, who is missing, and who came late."""
    found = find(_Prints(journal, names), now=time.time())
    extensions = roster.extensions() if roster else {}
    placing = place(roster, ((name, journal.learner(name)) for name in names), _names) if roster else None

    def finish(report: SubmissionReport) -> SubmissionReport:
        report = replace(report, findings=found.get(report.submission, ()))
        if placing is not None:
            report = placing.placed(report)
        given = parse_lms_name(report.submission)
        extension = extensions.get(report.learner.id) if report.learner else None
        marked = given is not None and bool(given.late)
        return with_lateness(report, course.late, due, extension=extension, marked=marked)

    return JudgedClass(journal, names, tasks, finish, tuple(placing.missing()) if placing else ())


def cohort_report(course: Course, reports: Sequence[SubmissionReport]) -> CohortReport:
    """The class, in the order of its rows."""
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return CohortReport(course.stamp, created, reports)


class _Prints(Mapping[str, "Fingerprint"]):
    """The fingerprints of a class, each read from the journal when somebody looks at it."""

    def __init__(self, journal: Journal, names: Sequence[str]) -> None:
        self._journal = journal
        self._names = [name for name in names if journal.fingerprint(name) is not None]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, name: str) -> Fingerprint:
        found = self._journal.fingerprint(name)
        if found is None:
            raise KeyError(name)
        return found


def _names(submission: str) -> Iterator[str]:
    """What a submission's name may hold of its learner."""
    yield from plain_names(submission)
    given = parse_lms_name(submission)
    if given is not None:
        yield given.name
