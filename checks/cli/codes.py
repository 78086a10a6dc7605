"""The exit codes that other programs rely on."""

from __future__ import annotations

from checks.model import Outcome, StepResult

DONE = 0
UNFINISHED = 1
"""`check` and `selftest`: at least one step failed or was blocked."""
USAGE = 2
OUR_FAULT = 3
"""`check` and `grade`: at least one `error` outcome."""
INTERRUPTED = 130


def code_of(steps: tuple[StepResult, ...]) -> int:
    """The exit code of a check."""
    outcomes = {step.outcome for step in steps}
    if Outcome.ERROR in outcomes:
        return OUR_FAULT
    return UNFINISHED if outcomes & {Outcome.FAILED, Outcome.BLOCKED} else DONE
