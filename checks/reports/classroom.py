"""One submission as a result of an autograding runner of GitHub Classroom, for its grading reporter.

The reporter takes it in base64 from the environment, adds up the tests' scores and sends them to the classroom:
https://github.com/classroom-resources/autograding-grading-reporter (`src/main.js`, `src/notify-classroom.js`).
As it adds up, coming late is a test with a negative score. It sends nothing where `max_score` is 0: so a submission
that could not be judged gets no grade.
"""

from __future__ import annotations

import json
from typing import Any

from checks.model import Outcome, StepResult, SubmissionReport
from checks.reports.export import explained, late_words, no_grade, plain
from checks.reports.results import safe_json
from checks.reports.words import NOT_COUNTED

VERSION = 1


def render(submission: SubmissionReport) -> str:
    """The result of one submission, as JSON that is not yet encoded."""
    tests = [_test(step) for step in submission.steps]
    if submission.grade is None:
        tests.append(_entry("The submission can be judged", "error", 0.0, no_grade(submission)))
    if submission.late_cost:
        tests.append(_entry("It came in time", "fail", -submission.late_cost, late_words(submission)))
    data = {"version": VERSION, "status": _status(submission), "max_score": submission.max_score, "tests": tests}
    return safe_json(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def _status(submission: SubmissionReport) -> str:
    """`error` where something was not judged that should have been, `fail` where a step did not pass, else `pass`."""
    outcomes = {step.outcome for step in submission.steps}
    if submission.grade is None or Outcome.ERROR in outcomes:
        return "error"
    return "fail" if outcomes & {Outcome.FAILED, Outcome.BLOCKED} else "pass"


def _test(step: StepResult) -> dict[str, Any]:
    """One step. The reporter knows `pass`, and shows the message of everything else."""
    status = "error" if step.outcome in NOT_COUNTED else "pass" if step.outcome is Outcome.PASSED else "fail"
    return _entry(plain(f"{step.step} {step.title}"), status, step.points, explained(step)) | {
        "execution_time": f"{step.seconds:.3f}s"
    }


def _entry(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    """A test as the runners write one, without what only a command has."""
    return {"name": name, "status": status, "score": score, "message": message}
