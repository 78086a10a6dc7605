"""Judging one submission of a class: its report, and what its evidence says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.findings.fingerprint import Fingerprint, TaskPrint
from checks.findings.traces import fingerprint, task_print
from checks.model import Problem, SubmissionReport
from checks.submissions.check import check_clone
from checks.submissions.problem import SubmissionProblem
from checks.submissions.submission import Submission, open_submission

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.recipe import Rebuild
    from checks.core.selection import Selection


@dataclass(frozen=True, slots=True)
class Judged:
    """The report on one learner's work, and what its evidence says of itself: None where it could not be read."""

    report: SubmissionReport
    fingerprint: Fingerprint | None = None


def judge_path(
    course: Course, submission: Submission, selection: Sequence[Selection], rebuild: Rebuild | None = None
) -> Judged:
    """The report on one learner's work, with its fingerprint."""
    prints: list[TaskPrint] = []
    try:
        with open_submission(course, submission) as clone:
            report = check_clone(
                clone, submission.name, selection, rebuild, lambda work, task: prints.append(task_print(work, task))
            )
            return Judged(report, fingerprint(clone, [chosen.task for chosen in selection], prints))
    except SubmissionProblem as problem:
        return Judged(SubmissionReport(submission.name, problem=Problem(problem.kind, problem.detail)))
