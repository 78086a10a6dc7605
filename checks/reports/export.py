"""What exports to other systems share: a text with notes beside it, and what a number alone would not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from checks.model import CohortReport, Outcome, Problem, StepResult, SubmissionReport
from checks.reports.escape import shorten, terminal, visible, without_commands
from checks.reports.words import NOT_COUNTED, number, score_words

MAX_CHARACTERS = 1_000
"""Longer evidence is cut, and the cut says how long the evidence is."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Export:
    """A text for another system, and notes for whoever takes it there: each one line, safe for a terminal."""

    text: str
    notes: tuple[str, ...] = ()


class NotExportableError(ValueError):
    """A format that can't say what is known of a submission. The message is one line, safe for a terminal."""


def plain(text: str) -> str:
    """Text of a submission as plain text, its line breaks kept: cut where it is long, nothing in it hidden."""
    return without_commands(visible(shorten(text, MAX_CHARACTERS), keep="\n"))


def shown(submission: SubmissionReport) -> str:
    """A submission in a note: its name, and whose it is."""
    learner = submission.learner
    whose = [part for part in (learner.name, learner.id, learner.email) if part] if learner else []
    names = ", ".join(shorten(part, MAX_NAME) for part in dict.fromkeys(whose))
    return terminal(shorten(submission.submission, MAX_NAME) + (f" ({names})" if names else ""))


def standing(submission: SubmissionReport) -> str:
    """The score with all that a single number hides: what was verified, what coming late costs."""
    words = score_words(submission.score, submission.max_score, submission.total)
    return f"{words}; {late_words(submission)}" if submission.penalty else words


def late_words(submission: SubmissionReport) -> str:
    """What coming late costs, and what is left."""
    return f"late, which costs {number(submission.penalty * 100)} %: {number(submission.final)} count"


def unverified(submission: SubmissionReport) -> str:
    """The steps that could not be judged, each with its outcome. Empty where there is none."""
    steps = (f"{step.step} {step.outcome}" for step in submission.steps if step.outcome in NOT_COUNTED)
    return terminal(", ".join(steps))


def no_grade(submission: SubmissionReport) -> str:
    """Why a submission has no grade."""
    if submission.problem:
        return terminal(shorten(f"{submission.problem.kind}: {submission.problem.detail}", MAX_CHARACTERS))
    return f"nothing could be judged ({unverified(submission) or 'it has no steps'})"


def problem_text(problem: Problem) -> str:
    """A problem, for whoever handed the submission in."""
    return plain(f"This submission could not be read.\n{problem.kind}: {problem.detail}")


def explained(step: StepResult) -> str:
    """Everything that is known about a step that did not pass, one fact a line. Empty where it passed."""
    if step.outcome is Outcome.PASSED:
        return ""
    facts = (
        ("looked at", step.looked_at), ("expected", step.expected), ("found", step.found), ("next", step.fix),
        ("read", step.see), (step.outcome.value, step.reason),
    )  # fmt: skip
    known = [f"{label}: {plain(text)}" for label, text in facts if text is not None]
    if step.outcome in NOT_COUNTED:
        known.append(f"Not counted: its {number(step.max_points)} points are neither won nor lost.")
    return "\n".join(known)


def heading(report: CohortReport) -> str:
    """What a column of grades is called: the one task that was judged, or the course."""
    tasks = dict.fromkeys((task.task, task.title) for each in report.submissions for task in each.tasks)
    return " ".join(next(iter(tasks))) if len(tasks) == 1 else report.course.id


def points_possible(report: CohortReport) -> float:
    """All points that somebody of the class could have."""
    return max((submission.total for submission in report.submissions), default=0.0)


def beside_the_grades(report: CohortReport) -> list[str]:
    """Notes on what a column of numbers can't say: who has no grade and why, and what was not verified."""
    notes = []
    for submission in report.submissions:
        if submission.grade is None:
            notes.append(f"no grade: {shown(submission)}: {no_grade(submission)}")
        elif unverified(submission):
            notes.append(f"not all verified: {shown(submission)}: {standing(submission)} ({unverified(submission)})")
    return notes


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time, in UTC where it names no zone. None where the text is none."""
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    try:
        return time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
