"""The words and signs that every report shares, so that all of them say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from checks.model import MISSING, CohortReport, Outcome, Problem, StepResult, SubmissionReport
from checks.reports.escape import shorten, terminal, visible, without_commands

SYMBOLS: Final[dict[Outcome, str]] = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.BLOCKED: "·",
    Outcome.UNAVAILABLE: "?",
    Outcome.ERROR: "!",
}
"""A sign for each outcome. It always stands beside the outcome's word, so that neither sign nor colour is needed."""

NOT_COUNTED: Final = frozenset({Outcome.UNAVAILABLE, Outcome.ERROR})
"""The outcomes that say nothing about the learner: their points are neither won nor lost."""

EVIDENCE: Final = {
    "looked at": "looked_at",
    "expected": "expected",
    "found": "found",
    "next": "fix",
    "read": "see",
    "reason": "reason",
}
"""A reader's name for each field of a step that says why it came out so, in the order in which they are shown."""

MAX_CHARACTERS = 1_000
"""Longer evidence is cut in exports, and the cut says how long the evidence is."""
MAX_NAME = 100
_HASH = re.compile(r"\b[0-9a-f]{30,64}\b")
"""An MD5, SHA-1 or SHA-256, also without the two digits that DVC's folders are named by."""


def short_commit(commit: str) -> str:
    """A commit's id as Git shortens it."""
    return commit[:7]


def shorten_hashes(text: str) -> str:
    """The text with its long hashes cut to eight digits: enough to tell two apart, and to read on."""
    return _HASH.sub(lambda match: f"{match[0][:8]}…", text)


@lru_cache(maxsize=1024)
def number(value: float) -> str:
    """Points for a reader: 1.0 is "1", 0.5 is "0.5"; at most six decimals."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain(text: str) -> str:
    """Text of a submission as plain text, its line breaks kept: cut where it is long, nothing in it hidden."""
    return without_commands(visible(shorten(text, MAX_CHARACTERS), keep="\n"))


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time, in UTC where it names no zone. None where the text is none."""
    try:
        time = datetime.fromisoformat(text) if text else None
        return time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def step_points(step: StepResult) -> str:
    """The points of a step, such as "1 / 2"; "- / 2" where the step does not count here."""
    earned = "-" if step.outcome in NOT_COUNTED else number(step.points)
    return f"{earned} / {number(step.max_points)}"


def score_words(score: float, max_score: float, total: float) -> str:
    """A score, such as "3 / 10", or "3 / 8 verified, 10 in all" where not everything could be verified."""
    if max_score == total:
        return f"{number(score)} / {number(total)}"
    return f"{number(score)} / {number(max_score)} verified, {number(total)} in all"


def lateness(submission: SubmissionReport) -> str:
    """That it was late and what that costs; empty where it came in time."""
    if not submission.late:
        return ""
    if not submission.penalty:
        return "handed in late"
    return f"handed in late, which costs {number(submission.penalty * 100)} %: {number(submission.final)} count"


def standing(submission: SubmissionReport) -> str:
    """The score with all that a single number hides: how much was verified, and what coming late costs."""
    score = score_words(submission.score, submission.max_score, submission.total)
    return "; ".join(filter(None, ("" if submission.problem else score, lateness(submission))))


def unread(problem: Problem) -> str:
    """Why there is no score, in a few words."""
    return "nothing was handed in" if problem.kind == MISSING else f"could not be read: {problem.kind}"


def unverified(submission: SubmissionReport) -> str:
    """The steps that could not be judged, each with its outcome. Empty where there is none."""
    steps = (f"{step.step} {step.outcome}" for step in submission.steps if step.outcome in NOT_COUNTED)
    return terminal(", ".join(steps))


def no_grade(submission: SubmissionReport) -> str:
    """Why a submission has no grade."""
    if submission.problem:
        return terminal(shorten(f"{submission.problem.kind}: {submission.problem.detail}", MAX_CHARACTERS))
    return f"nothing could be judged ({unverified(submission) or 'it has no steps'})"


def named(submission: SubmissionReport) -> str:
    """A submission in a note, on one line: its name, and whose it is."""
    learner = submission.learner
    whose = [part for part in (learner.name, learner.id, learner.email) if part] if learner else []
    names = ", ".join(shorten(part, MAX_NAME) for part in dict.fromkeys(whose))
    return terminal(shorten(submission.submission, MAX_NAME) + (f" ({names})" if names else ""))


def heading(report: CohortReport) -> str:
    """The name of a column of grades: the one task that was judged, or the course."""
    tasks = dict.fromkeys((task.task, task.title) for each in report.submissions for task in each.tasks)
    return " ".join(next(iter(tasks))) if len(tasks) == 1 else report.course.id


def facts(step: StepResult) -> Iterator[tuple[str, str]]:
    """Everything that is known about a step that did not pass: labels, and texts that are not yet escaped."""
    for label, name in EVIDENCE.items():
        text = getattr(step, name)
        if text is not None:
            yield step.outcome.value if label == "reason" else label, text


def explained(step: StepResult) -> str:
    """The facts as plain text, one a line, with a word on points that do not count. Empty where the step passed."""
    if step.outcome is Outcome.PASSED:
        return ""
    known = [f"{label}: {plain(text)}" for label, text in facts(step)]
    if step.outcome in NOT_COUNTED:
        known.append(f"Not counted: its {number(step.max_points)} points are neither won nor lost.")
    return "\n".join(known)


def next_step(steps: Iterable[StepResult]) -> StepResult | None:
    """The step to work on next: the first that failed. None where no step failed."""
    return next((step for step in steps if step.outcome is Outcome.FAILED), None)


def nothing_failed(steps: Iterable[StepResult]) -> str:
    """One sentence for where there is no next step."""
    outcomes = [step.outcome for step in steps]
    if not outcomes:
        return "There was no step to look at."
    open_steps = sum(outcome is not Outcome.PASSED for outcome in outcomes)
    if not open_steps:
        return "Every step passed."
    steps_are = "1 step was" if open_steps == 1 else f"{open_steps} steps were"
    return f"No step failed, but {steps_are} not verified here."
