"""Feedback for one learner, as Markdown: what passed, what to do first, and for each failed step what was found.

Evidence, names and reasons come from a submission, so that they stand in code, where Markdown reads no markup. What
an instructor should look at (`findings`) is not in it, for it names other learners.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from checks.model import MISSING, CohortReport, Outcome, Problem, StepResult, SubmissionReport, TaskReport
from checks.reports.escape import code_span, longest_run, markdown, readme_address, shorten, visible
from checks.reports.interface import Export, Options
from checks.reports.words import (
    SYMBOLS,
    lateness,
    next_step,
    nothing_failed,
    number,
    score_words,
    short_commit,
    step_points,
)

MAX_CHARACTERS = 4_000
"""Longer evidence is cut, and the cut says how long the evidence is."""
_LONG = 200
_EVIDENCE = (("Looked at", "looked_at"), ("Expected", "expected"), ("Found", "found"), ("Do this", "fix"))
_WAITING = {
    Outcome.BLOCKED: "It waits for another step",
    Outcome.UNAVAILABLE: "It could not be looked at here, and does not count",
    Outcome.ERROR: "The checker itself broke. That is our fault, and does not count against you",
}


def export(report: CohortReport, options: Options) -> Export:
    """The feedback of every learner, one below the other."""
    return Export("\n".join(render(submission, base=options.base) for submission in report.submissions))


def render(submission: SubmissionReport, *, base: str = "") -> str:
    """The feedback. `base` goes before the README paths in links, such as `../../` or the address of the course."""
    name = submission.learner.name if submission.learner else submission.submission
    parts = [f"# Feedback for {code_span(shorten(name, _LONG))}"]
    if submission.problem:
        return _joined([*parts, *_problem(submission.problem)])
    parts += _summary(submission)
    parts += _first(next_step(submission.steps), submission)
    for task in submission.tasks:
        parts += _task(task, base)
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """Blocks, with an empty line between them."""
    return "\n\n".join(parts) + "\n"


def _problem(problem: Problem) -> Iterator[str]:
    """Why there is no score."""
    if problem.kind == MISSING:
        yield "**Nothing was handed in, so there is no score yet.**"
        yield _block(problem.detail)
        yield "If you did hand in, show this page to your instructor."
        return
    yield "**Your submission could not be read, so there is no score yet.** This is what stopped it:"
    yield _block(f"{problem.kind}: {problem.detail}")
    yield "Put it right and hand in again, or show this page to your instructor."


def _summary(submission: SubmissionReport) -> Iterator[str]:
    """The score, and how much passed."""
    score = score_words(submission.score, submission.max_score, submission.total)
    passed = sum(step.outcome is Outcome.PASSED for step in submission.steps)
    commit = f" This is about commit {code_span(short_commit(submission.commit))}." if submission.commit else ""
    yield f"**Score: {score}.** {passed} of {len(submission.steps)} steps passed.{commit}"
    if submission.max_score != submission.total:
        left_out = number(submission.total - submission.max_score)
        yield f"{left_out} points could not be verified here. They are not counted against you."
    if submission.late:
        yield f"It was {lateness(submission)}."


def _first(step: StepResult | None, submission: SubmissionReport) -> Iterator[str]:
    """The one thing to do next."""
    yield "## What to do first"
    if step is None:
        yield nothing_failed(submission.steps)
        return
    yield f"**{_title(step)}**"
    yield _block(step.fix) if step.fix else "See below."


def _task(task: TaskReport, base: str) -> Iterator[str]:
    """A task: its score, what failed, what waits, what passed."""
    score = score_words(task.score, task.max_score, task.total)
    yield f"## {_words(task.task, task.title)}: {score}"
    for step in task.steps:
        if step.outcome is Outcome.FAILED:
            yield f"### {SYMBOLS[step.outcome]} failed: {_title(step)} ({step_points(step)})"
            yield "\n".join(_failure(step, base))
    waiting = [step for step in task.steps if step.outcome in _WAITING]
    if waiting:
        yield "### Not judged"
        yield "\n".join(_waiting(step) for step in waiting)
    passed = [step for step in task.steps if step.outcome is Outcome.PASSED]
    if passed:
        yield "### Passed: well done"
        yield "\n".join(f"- {SYMBOLS[step.outcome]} {_title(step)} ({step_points(step)})" for step in passed)


def _title(step: StepResult) -> str:
    return _words(step.step, step.title)


@lru_cache(maxsize=256)
def _words(*texts: str) -> str:
    """The course's own words, which are the same for every learner."""
    return " ".join(map(markdown, texts))


def _failure(step: StepResult, base: str) -> Iterator[str]:
    """The four parts of a failure, and where to read more."""
    for label, field in _EVIDENCE:
        text = getattr(step, field)
        if text is not None:
            yield f"- **{label}:**{_value(text, command=field == 'fix')}"
    if step.see:
        yield f"- **Read:** [{code_span(step.see)}](<{readme_address(base, step.see)}>)"


def _waiting(step: StepResult) -> str:
    """A step that was not judged, and why."""
    reason = _value(step.reason) if step.reason else ""
    return f"- {SYMBOLS[step.outcome]} {step.outcome.value}: {_title(step)}. {_WAITING[step.outcome]}.{reason}"


def _value(text: str, *, command: bool = False) -> str:
    """Evidence below or beside its label in a list: short text as a code span, a command or longer text as a block."""
    if command or "\n" in text or len(text) > _LONG:
        return "\n\n" + "\n".join(f"  {line}".rstrip() for line in _block(text).split("\n")) + "\n"
    return f" {code_span(text)}"


def _block(text: str) -> str:
    """Text as a fenced block of code, with a fence that the text can't close."""
    shown = visible(shorten(text, MAX_CHARACTERS), keep="\n")
    fence = "`" * max(3, longest_run(shown, "`") + 1)
    return f"{fence}text\n{shown}\n{fence}"
