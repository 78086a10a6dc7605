"""Putting judged submissions together into the report of a class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checks.model import CohortReport, SubmissionReport

if TYPE_CHECKING:
    from checks.course.course import Course


def cohort_report(course: Course, reports: Sequence[SubmissionReport]) -> CohortReport:
    """The class: rows sorted by the submissions' names."""
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return CohortReport(course.stamp, created, tuple(sorted(reports, key=lambda report: report.submission)))
