"""Judging one submission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks.course.checker import load_checker
from checks.expect import Failure
from checks.grading.fingerprint import Fingerprint, TaskPrint
from checks.grading.late import submitted_at
from checks.grading.problem import SubmissionProblem
from checks.grading.selection import Selection
from checks.grading.submission import Submission, open_submission
from checks.grading.traces import fingerprint, task_print
from checks.judge import Judge
from checks.model import Identity, Problem, SubmissionReport
from checks.workspace import Workspace

if TYPE_CHECKING:
    from checks.clone import Clone
    from checks.course.course import Course
    from checks.remaking import Rebuild


@dataclass(frozen=True, slots=True)
class Judged:
    """The report on one learner's work, and what its evidence says of itself: None where it could not be read."""

    report: SubmissionReport
    fingerprint: Fingerprint | None = None


def grade_path(
    course: Course,
    submission: Submission,
    selection: Sequence[Selection],
    rebuild: Rebuild | None = None,
    *,
    here: bool = False,
) -> SubmissionReport:
    """The report on one learner's work. What can't be read at all becomes a report with a problem.

    `here` says that it is the clone of whoever sits at this machine; see `Clone`.
    """
    name = submission.name or Path.cwd().name
    try:
        with open_submission(course, submission, here=here) as clone:
            return grade_clone(clone, name, selection, rebuild)
    except SubmissionProblem as problem:
        return SubmissionReport(name, problem=Problem(problem.kind, problem.detail))


def judge_path(
    course: Course, submission: Submission, selection: Sequence[Selection], rebuild: Rebuild | None = None
) -> Judged:
    """The same with the fingerprint, for one of many."""
    prints: list[TaskPrint] = []
    try:
        with open_submission(course, submission) as clone:
            report = grade_clone(clone, submission.name, selection, rebuild, prints.append)
            return Judged(report, fingerprint(clone, [chosen.task for chosen in selection], prints))
    except SubmissionProblem as problem:
        return Judged(SubmissionReport(submission.name, problem=Problem(problem.kind, problem.detail)))


def grade_clone(
    clone: Clone,
    name: str,
    selection: Sequence[Selection],
    rebuild: Rebuild | None = None,
    printed: Callable[[TaskPrint], None] | None = None,
) -> SubmissionReport:
    """The report on an open submission. `printed` is told what the evidence of each task says of itself."""
    tasks = []
    for chosen in selection:
        work = Workspace(clone, chosen.task.folder, rebuild)
        with closing(work):
            tasks.append(Judge(chosen.task, load_checker(chosen.task), work).report(chosen.steps))
            if printed is not None:
                printed(task_print(work, chosen.task))
    return SubmissionReport(
        name, tuple(tasks), learner=_learner(clone), commit=_commit(clone), submitted=submitted_at(clone)
    )


def _learner(clone: Clone) -> Identity | None:
    try:
        return clone.learner
    except Failure:  # told by the steps that need it
        return None


def _commit(clone: Clone) -> str | None:
    try:
        tip = clone.git.tip
    except Failure:  # told by the steps that need it
        return None
    return tip.id if tip else None
