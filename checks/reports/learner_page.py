"""A learner's own page: the path through the course, and every step with what was found. One file, no script, no network."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from checks.model import Outcome, SubmissionReport, TaskReport
from checks.reports.escape import readme_address
from checks.reports.page import beside, environment
from checks.reports.words import next_step, nothing_failed, score_words


class Progress(StrEnum):
    """How far a learner is with a task."""

    FINISHED = "finished"
    BEGUN = "begun"
    AHEAD = "not begun"


def render(report: SubmissionReport, *, course: str, created: str, base: str = "") -> str:
    """The page, for the course with this id. `base` goes before the README paths in links; `created` is ISO 8601."""
    step = next_step(report.steps)
    return environment().get_template("learner.html.j2").render(
        report=report,
        course=course,
        created=created,
        next=step,
        nothing_failed=nothing_failed(report.steps),
        next_task=next((task.task for task in report.tasks if step in task.steps), None),
        passed=sum(one.outcome is Outcome.PASSED for one in report.steps),
        score=score_words(report.score, report.max_score, report.total),
        progress_of=progress_of,
        address=partial(readme_address, base),
        style=beside("page.css") + beside("learner.css"),
    )  # fmt: skip


def progress_of(task: TaskReport) -> Progress:
    """Finished where every step passed, begun where one did."""
    passed = [step.outcome is Outcome.PASSED for step in task.steps]
    if all(passed):
        return Progress.FINISHED
    return Progress.BEGUN if any(passed) else Progress.AHEAD
