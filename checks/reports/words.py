"""The few words and signs that every report shares, so that all of them say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from checks.model import MISSING, Outcome, Problem, StepResult, SubmissionReport

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


def step_points(step: StepResult) -> str:
    """The points of a step, such as "1 / 2"; "- / 2" where the step does not count here."""
    earned = "-" if step.outcome in NOT_COUNTED else number(step.points)
    return f"{earned} / {number(step.max_points)}"


def score_words(score: float, max_score: float, total: float) -> str:
    """A score, such as "3 / 10", or "3 / 8 verified, 10 in all" where not everything could be verified."""
    if max_score == total:
        return f"{number(score)} / {number(total)}"
    return f"{number(score)} / {number(max_score)} verified, {number(total)} in all"


def unread(problem: Problem) -> str:
    """Why there is no score, in a few words."""
    return "nothing was handed in" if problem.kind == MISSING else f"could not be read: {problem.kind}"


def lateness(submission: SubmissionReport) -> str:
    """That it was late and what that costs; empty where it came in time."""
    if not submission.late:
        return ""
    if not submission.penalty:
        return "handed in late"
    return f"handed in late: {number(submission.final)} of these points count"


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
