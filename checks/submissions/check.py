"""Checking one submission: open it, judge the tasks that are asked for, tell who made it and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.checker import load_checker
from checks.core.judge import Judge
from checks.core.workspace import Workspace
from checks.expect import Failure
from checks.model import Identity, Problem, SubmissionReport
from checks.submissions.archive import SubmissionProblem
from checks.submissions.submission import Submission, open_submission

if TYPE_CHECKING:
    from checks.core.clone import Clone
    from checks.core.course import Course
    from checks.core.selection import Selection
    from checks.core.task import Task
    from checks.core.workspace import Rebuild


def check_submission(
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
            return check_clone(clone, name, selection, rebuild)
    except SubmissionProblem as problem:
        return SubmissionReport(name, problem=Problem(problem.kind, problem.detail))


def check_clone(
    clone: Clone,
    name: str,
    selection: Sequence[Selection],
    rebuild: Rebuild | None = None,
    judged: Callable[[Workspace, Task], None] | None = None,
) -> SubmissionReport:
    """The report on an open submission. `judged` gets each task's workspace, while it is open."""
    tasks = []
    for chosen in selection:
        work = Workspace(clone, chosen.task.folder, rebuild)
        with closing(work):
            tasks.append(Judge(chosen.task, load_checker(chosen.task), work).report(chosen.steps))
            if judged is not None:
                judged(work, chosen.task)
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


def submitted_at(clone: Clone) -> str | None:
    """When the commit that is judged was made, by its committer's clock: ISO 8601 in UTC.

    None where there is no Git repository that can be read, no commit, or a time that no calendar has.
    """
    try:
        tip = clone.git.tip
        return None if tip is None else _iso(datetime.fromtimestamp(tip.time, UTC))
    except (Failure, ValueError, OverflowError, OSError):
        return None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
