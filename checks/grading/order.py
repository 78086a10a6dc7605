"""One submission to be judged: what is known of it already, what it may cost, and what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks import limits
from checks.grading import stamp
from checks.grading.budget import OutOfTimeError, limited_memory, limited_time
from checks.grading.grade import grade_path
from checks.grading.journal import Known
from checks.grading.selection import Selection
from checks.grading.submission import Submission
from checks.model import Outcome, Problem, SubmissionReport

if TYPE_CHECKING:
    from checks.course.course import Course
    from checks.workspace import Rebuild

Work = tuple["Course", tuple[Selection, ...], "Rebuild | None"]
"""What is asked of every submission: the course, its tasks, and whether the work is made again."""
TRANSIENT = frozenset({"error", "crashed", "timeout"})
"""Problems that may be this machine's: such a submission is judged again the next time."""


@dataclass(frozen=True, slots=True)
class Order:
    """A submission to be judged. `known` is what an earlier run made its verdicts from."""

    submission: Submission
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of an order.

    `report` is None where nothing has changed; else it holds the tasks that were judged, which are those that are not
    in `unchanged`.
    """

    order: Order
    known: Known
    report: SubmissionReport | None
    tasks: tuple[str, ...] = ()
    """All tasks that were asked for, in the course's order."""
    unchanged: frozenset[str] = frozenset()


def carry_out(work: Work, keys: Mapping[str, str], order: Order) -> Graded:
    """Judge what is not known. For a process's main thread; never raises for what is in the submission."""
    submission, known = order.submission, order.known
    sight, content = stamp.sight(submission), None
    unchanged: frozenset[str] = frozenset()
    if known is not None:
        same = sight is not None and sight == known.sight
        content = known.content if same else stamp.content(submission)
        if same or (content is not None and content == known.content):
            unchanged = frozenset(task for task in keys if known.keys.get(task) == keys[task])
        if len(unchanged) == len(keys):
            return Graded(order, replace(known, sight=sight, content=content), None, tuple(keys), unchanged)
        if known.problem:
            unchanged = frozenset()
    course, selection, rebuild = work
    left = tuple(chosen for chosen in selection if chosen.task.id not in unchanged)
    report = grade_one((course, left, rebuild), submission)
    if known is None:
        content = stamp.content(submission)
    lasting = _lasting(report, keys, rebuilt=rebuild is not None)
    return Graded(order, Known(sight, content, lasting, report.problem is not None), report, tuple(keys), unchanged)


def grade_one(work: Work, submission: Submission) -> SubmissionReport:
    """The report on one submission, whatever is in it and whatever it costs. For a process's main thread."""
    course, selection, rebuild = work
    allowed = limits.REBUILT_SUBMISSION_SECONDS if rebuild else limits.SUBMISSION_SECONDS
    try:
        # A sandbox has limits of its own, and its processes would inherit ours.
        memory = contextlib.nullcontext() if rebuild else limited_memory(limits.SUBMISSION_BYTES)
        with memory, limited_time(allowed):
            return grade_path(course, submission, selection, rebuild)
    except OutOfTimeError:
        seconds = f"{allowed:g} seconds of processor time"
        problem = Problem(
            "too-slow", f"{submission.name}: reading it takes more than {seconds}, as no honest work does"
        )
    except MemoryError:
        size = f"{limits.SUBMISSION_BYTES >> 20} MiB of memory"
        problem = Problem("too-large", f"{submission.name}: reading it takes more than {size}, as no honest work does")
    except Exception as error:  # noqa: BLE001 - one submission must never take the others' grades with it
        problem = Problem("error", f"grading broke: {type(error).__name__}: {error}")
    return SubmissionReport(submission.name, problem=problem)


def _lasting(report: SubmissionReport, keys: Mapping[str, str], *, rebuilt: bool) -> dict[str, str]:
    """The keys of the tasks whose verdicts hold until something changes.

    Not those with an error, which is ours. With a rebuild, not those either that could not be looked at: another
    machine, or this one with one more tool, may be able to.
    """
    if report.problem:
        return {} if report.problem.kind in TRANSIENT else dict(keys)
    passing = {Outcome.ERROR, Outcome.UNAVAILABLE} if rebuilt else {Outcome.ERROR}
    again = {task.task for task in report.tasks if not passing.isdisjoint(step.outcome for step in task.steps)}
    return {task: key for task, key in keys.items() if task not in again}
