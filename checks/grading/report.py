"""Putting judged submissions together into the report of a class."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload

from checks.model import CohortReport, SubmissionReport

if TYPE_CHECKING:
    from checks.course.course import Course
    from checks.grading.journal import Journal


class JudgedClass(Sequence[SubmissionReport]):
    """The rows of a class, each read from the journal when somebody looks at it."""

    def __init__(
        self,
        journal: Journal,
        names: Sequence[str],
        tasks: Collection[str],
        finish: Callable[[SubmissionReport], SubmissionReport],
    ) -> None:
        """Rows of these tasks: the journal may know more. `finish` adds what does not come from a submission alone."""
        self._journal = journal
        self._names = names
        self._tasks = tasks
        self._finish = finish

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> SubmissionReport: ...
    @overload
    def __getitem__(self, index: slice) -> JudgedClass: ...
    def __getitem__(self, index: int | slice) -> SubmissionReport | JudgedClass:
        if isinstance(index, slice):
            return JudgedClass(self._journal, self._names[index], self._tasks, self._finish)
        report = self._journal.report(self._names[index])
        return self._finish(replace(report, tasks=tuple(task for task in report.tasks if task.task in self._tasks)))


def cohort_report(course: Course, reports: Sequence[SubmissionReport]) -> CohortReport:
    """The class, in the order of its rows."""
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return CohortReport(course.stamp, created, reports)
