"""Results as GitHub's workflow commands: its runner shows each as an annotation beside the run.

`failed` and `error`, and a submission that could not be read, are errors; `blocked` is a warning, `unavailable` a notice.
GitHub shows the first ten of each. Format:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import shorten, workflow_message, workflow_property
from checks.reports.interface import Export, Options
from checks.reports.words import MAX_CHARACTERS, facts

_COMMAND = {
    Outcome.FAILED: "error",
    Outcome.ERROR: "error",
    Outcome.BLOCKED: "warning",
    Outcome.UNAVAILABLE: "notice",
}


def export(report: CohortReport, _: Options) -> Export:
    """One line for each step that did not pass, and for each submission that could not be read."""
    return Export("".join(line for submission in report.submissions for line in _lines(submission)))


def _lines(submission: SubmissionReport) -> Iterator[str]:
    if submission.problem:
        title = f"{submission.submission} could not be read"
        yield _line("error", {"title": title}, f"{submission.problem.kind}: {submission.problem.detail}")
    for step in submission.steps:
        command = _COMMAND.get(step.outcome)
        if command:
            title = f"{submission.submission}: {step.step} {step.outcome}"
            yield _line(command, {"file": (step.see or "").partition("#")[0], "title": title}, _message(step))


def _message(step: StepResult) -> str:
    """The title and what is known, one fact a line. The section to read is where the annotation stands."""
    known = [f"{label}: {shorten(text, MAX_CHARACTERS)}" for label, text in facts(step) if label != "read"]
    return "\n".join([step.title, *known])


def _line(command: str, properties: dict[str, str], message: str) -> str:
    """One workflow command. An annotation with a file stands beside it where a pull request changes that file."""
    shown = ",".join(f"{name}={workflow_property(text)}" for name, text in properties.items() if text)
    return f"::{command} {shown}::{workflow_message(message)}\n"
