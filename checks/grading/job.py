"""Judging one submission of a class, within limits of time and memory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checks import limits
from checks.core.selection import Selection
from checks.grading.budget import OutOfTimeError, limited_memory, limited_time
from checks.model import Problem, SubmissionReport
from checks.submissions.archive import SubmissionProblem
from checks.submissions.check import check_clone
from checks.submissions.submission import Submission, open_submission

try:  # an extra: without this package, a class is graded without findings
    from checks import findings as findings  # noqa: PLC0414 - the rows use it too
except ImportError:
    findings = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.core.workspace import Rebuild, Workspace

Evidence = Mapping[str, Any]
"""The part of a submission that findings compare: of each task by its id, and of the whole by the empty string.

Plain data for JSON: the journal keeps it.
"""
LOAD_DEPENDENT = frozenset({"too-slow", "timeout", "crashed"})
"""Problems that a busy machine can cause: they are told only of a submission that has them alone, too."""
TRANSIENT = LOAD_DEPENDENT | {"error"}
"""Problems that may be this machine's: the next run judges such a submission again."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The tasks and steps that are asked of every submission of a class."""

    course: Course
    selection: tuple[Selection, ...]
    rebuild: Rebuild | None = None
    """Makes the work again from its commit; None where nothing is rebuilt."""

    def only(self, tasks: frozenset[str]) -> Assignment:
        """The same with these of its tasks, by id."""
        return replace(self, selection=tuple(chosen for chosen in self.selection if chosen.task.id in tasks))


@dataclass(frozen=True, slots=True)
class Job:
    """A submission to be judged."""

    submission: Submission
    tasks: frozenset[str]
    """The ids of the tasks to judge. The verdicts on others are known."""
    key: str | None = None
    """The submission's cache key when the job was given; see `keys.submission_key`."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The report on one submission, and its evidence for findings: None where it could not be read."""

    report: SubmissionReport
    evidence: Evidence | None = None


def judge(assignment: Assignment, submission: Submission) -> Judged:
    """Judge one submission within the limits of time and memory. Never raises for anything that is in it.

    For a process's main thread: the limit of time is a signal.
    """
    seconds = limits.REBUILT_SUBMISSION_SECONDS if assignment.rebuild else limits.SUBMISSION_SECONDS
    # A sandbox has limits of its own, and its processes would inherit ours.
    memory = contextlib.nullcontext() if assignment.rebuild else limited_memory(limits.SUBMISSION_BYTES)
    try:
        with memory, limited_time(seconds):
            return _judged(assignment, submission)
    except SubmissionProblem as problem:
        return failed(submission, problem.kind, problem.detail)
    except OutOfTimeError:
        return failed(submission, "too-slow", _beyond(submission, f"{seconds:g} seconds of processor time"))
    except MemoryError:
        return failed(submission, "too-large", _beyond(submission, f"{limits.SUBMISSION_BYTES >> 20} MiB of memory"))
    except Exception as error:  # noqa: BLE001 - one submission must never take the others' grades with it
        return failed(submission, "error", f"grading broke: {type(error).__name__}: {error}")


def failed(submission: Submission, kind: str, detail: str) -> Judged:
    """The row of a submission that could not be judged."""
    return Judged(SubmissionReport(submission.name, problem=Problem(kind, detail)))


def _judged(assignment: Assignment, submission: Submission) -> Judged:
    evidence: dict[str, Any] = {}

    def take(work: Workspace, task: Task) -> None:
        if findings is not None:
            evidence[task.id] = findings.task_evidence(work, task)

    with open_submission(assignment.course, submission) as clone:
        report = check_clone(clone, submission.name, assignment.selection, assignment.rebuild, take)
        if findings is not None:
            evidence[""] = findings.submission_evidence(clone, assignment.course)
    return Judged(report, evidence)


def _beyond(submission: Submission, limit: str) -> str:
    return f"{submission.name}: reading it takes more than {limit}, as no honest work does"
