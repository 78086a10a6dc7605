"""One submission to be judged: what is known of it already, what it may cost, and what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks import limits
from checks.core.selection import Selection
from checks.findings.fingerprint import Fingerprint
from checks.grading import stamp
from checks.grading.budget import OutOfTimeError, limited_memory, limited_time
from checks.grading.grade import Judged, judge_path
from checks.grading.journal import Known
from checks.model import Outcome, Problem, SubmissionReport
from checks.submissions.submission import Submission

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.recipe import Rebuild

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
class Look:
    """What looking at a submission tells without reading it."""

    sight: str | None
    content: str | None
    unchanged: frozenset[str]
    """The tasks whose verdicts are known already."""
    nothing_new: bool = False
    """Whether those are all that were asked for."""


Seen = tuple[Order, Look | None]
"""An order, and what somebody who looked told already."""


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of an order.

    `report` is None where nothing has changed; else it holds the tasks that were judged, which are those that are not
    in `unchanged`.
    """

    order: Order
    known: Known
    report: SubmissionReport | None
    fingerprint: Fingerprint | None = None
    """Of the tasks that were judged."""
    tasks: tuple[str, ...] = ()
    """All tasks that were asked for, in the course's order."""
    unchanged: frozenset[str] = frozenset()


def look(keys: Mapping[str, str], order: Order) -> Look:
    """See what is known of a submission already."""
    submission, known = order.submission, order.known
    sight = stamp.sight(submission)
    if known is None:
        return Look(sight, stamp.content(submission), frozenset())
    same = sight is not None and sight == known.sight
    content = known.content if same else stamp.content(submission)
    if not same and (content is None or content != known.content):
        return Look(sight, content, frozenset())
    unchanged = frozenset(task for task in keys if known.keys.get(task) == keys[task])
    if len(unchanged) == len(keys):
        return Look(sight, content, unchanged, nothing_new=True)
    return Look(sight, content, frozenset() if known.problem else unchanged)


def nothing_new(order: Order, seen: Look) -> Graded | None:
    """What is told of a submission of which every task is known; None of another."""
    if order.known is None or not seen.nothing_new:
        return None
    return Graded(order, replace(order.known, sight=seen.sight, content=seen.content), None)


def carry_out(work: Work, keys: Mapping[str, str], order: Order, seen: Look) -> Graded:
    """Judge what is not known. For a process's main thread; never raises for what is in the submission."""
    course, selection, rebuild = work
    left = tuple(chosen for chosen in selection if chosen.task.id not in seen.unchanged)
    judged = judge_one((course, left, rebuild), order.submission)
    lasting = _lasting(judged.report, keys, rebuilt=rebuild is not None)
    known = Known(seen.sight, seen.content, lasting, judged.report.problem is not None)
    return Graded(order, known, judged.report, judged.fingerprint, tuple(keys), seen.unchanged)


def given_up(order: Order, kind: str, detail: str) -> Graded:
    """What is told of a submission that was not judged, for reasons that may be this machine's."""
    report = SubmissionReport(order.submission.name, problem=Problem(kind, detail))
    return Graded(order, Known(None, None, {}, problem=True), report)


def judge_one(work: Work, submission: Submission) -> Judged:
    """The report on one submission, whatever is in it and whatever it costs. For a process's main thread."""
    course, selection, rebuild = work
    allowed = limits.REBUILT_SUBMISSION_SECONDS if rebuild else limits.SUBMISSION_SECONDS
    try:
        # A sandbox has limits of its own, and its processes would inherit ours.
        memory = contextlib.nullcontext() if rebuild else limited_memory(limits.SUBMISSION_BYTES)
        with memory, limited_time(allowed):
            return judge_path(course, submission, selection, rebuild)
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
    return Judged(SubmissionReport(submission.name, problem=problem))


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
