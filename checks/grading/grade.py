"""Judging one submission."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from checks.course.checker import load_checker
from checks.expect import Failure
from checks.grading.problem import SubmissionProblem
from checks.grading.selection import Selection
from checks.grading.submission import Submission, open_submission
from checks.judge import Judge
from checks.model import Identity, Problem, SubmissionReport
from checks.workspace import Workspace

if TYPE_CHECKING:
    from checks.clone import Clone
    from checks.course.course import Course
    from checks.workspace import Rebuild


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


def grade_clone(
    clone: Clone, name: str, selection: Sequence[Selection], rebuild: Rebuild | None = None
) -> SubmissionReport:
    """The report on an open submission."""
    tasks = []
    for chosen in selection:
        work = Workspace(clone, chosen.task.folder, rebuild)
        with closing(work):
            tasks.append(Judge(chosen.task, load_checker(chosen.task), work).report(chosen.steps))
    return SubmissionReport(name, tuple(tasks), learner=_learner(clone), commit=_commit(clone))


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
