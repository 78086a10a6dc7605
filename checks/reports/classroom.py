"""One submission for GitHub Classroom's grading reporter, or for Classroom 50.

The reporter takes the result of a runner in base64 from the environment, adds up the tests' scores and sends them:
https://github.com/classroom-resources/autograding-grading-reporter (`src/main.js`, `src/notify-classroom.js`). As it
adds up, coming late is a test with a negative score. It sends nothing where `max_score` is 0: so a submission that could
not be judged gets no grade.

Classroom 50 takes `classroom50/result/v1`, the `result.json` that its runner expects:
https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json, and the page "Advanced Autograding"
of its wiki. Its runner's environment says whose result it is, and Classroom 50 checks that; elsewhere, names that it
would not take for a real submission's stand in their place. Points are whole numbers there, and there is no result
without a score: what does not fit is not written. A step that is `unavailable` or `error` has 0 of 0 points, and a field
of its own for the points that were not verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import json_text
from checks.reports.interface import Export, NotExportableError, Options
from checks.reports.words import (
    NOT_COUNTED,
    explained,
    heading,
    lateness,
    moment,
    named,
    no_grade,
    number,
    plain,
)

RUNNER: Final = "SUBMISSION_TAG"
"""A variable that Classroom 50's runner sets, and nobody else."""


def export(report: CohortReport, _: Options) -> Export:
    """The result of the one submission for GitHub Classroom, as JSON that is not yet encoded."""
    [submission] = report.submissions
    tests = [_test(step) for step in submission.steps]
    if submission.grade is None:
        tests.append(_entry("The submission can be judged", "error", 0.0, no_grade(submission)))
    if submission.late_cost:
        tests.append(_entry("It came in time", "fail", -submission.late_cost, lateness(submission)))
    data = {"version": 1, "status": _status(submission), "max_score": submission.max_score, "tests": tests}
    return Export(json_text(data) + "\n")


def _status(submission: SubmissionReport) -> str:
    """`error` where something was not judged that should have been, `fail` where a step did not pass, else `pass`."""
    outcomes = {step.outcome for step in submission.steps}
    if submission.grade is None or Outcome.ERROR in outcomes:
        return "error"
    return "fail" if outcomes & {Outcome.FAILED, Outcome.BLOCKED} else "pass"


def _test(step: StepResult) -> dict[str, Any]:
    """One step. The reporter knows `pass`, and shows the message of everything else."""
    status = "error" if step.outcome in NOT_COUNTED else "pass" if step.outcome is Outcome.PASSED else "fail"
    entry = _entry(plain(f"{step.step} {step.title}"), status, step.points, explained(step))
    return entry | {"execution_time": f"{step.seconds:.3f}s"}


def _entry(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    return {"name": name, "status": status, "score": score, "message": message}


def export_classroom50(report: CohortReport, options: Options) -> Export:
    """The result of the one submission for Classroom 50.

    Raises:
        NotExportableError: it has no score, a score that is no whole number, or no date.
    """
    [submission] = report.submissions
    if submission.grade is None:
        raise NotExportableError(f"no result: {named(submission)}: {no_grade(submission)}")
    when = moment(submission.submitted) or moment(report.created)
    if when is None:
        raise NotExportableError(f"no result: {named(submission)}: the results hold no time that can be read")
    data: dict[str, Any] = {"schema": "classroom50/result/v1"}
    runner = options.runner if RUNNER in options.runner else {}
    data |= _identity(submission, report, f"{when:%Y-%m-%dT%H-%M-%SZ}", runner)
    data |= {"datetime": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
    data |= {"score": _whole(submission.grade, submission), "max-score": _whole(submission.max_score, submission)}
    data["tests"] = [_test50(step, submission) for step in submission.steps]
    if submission.late_cost:
        data["tests"].append(_entry50("It came in time", passed=False) | {"message": lateness(submission)})
    return Export(json_text(data) + "\n")


def _identity(
    submission: SubmissionReport, report: CohortReport, when: str, runner: Mapping[str, str]
) -> dict[str, str]:
    """Which submission it is: as the runner says, or else as the results do."""
    tag = f"submit/manual-{when}"
    commit = runner.get("COMMIT_URL") or submission.commit or tag
    owner = submission.learner.id if submission.learner else submission.submission
    return {
        "classroom": runner.get("CLASSROOM") or report.course.id,
        "assignment": runner.get("ASSIGNMENT") or heading(report),
        "assignment_type": runner.get("ASSIGNMENT_TYPE") or "individual",
        "owner": runner.get("OWNER") or runner.get("USERNAME") or plain(owner) or "unknown",
        "submission": runner.get(RUNNER) or tag,
        "commit": commit,
        "release": runner.get("RELEASE_URL") or tag,
        "review": runner.get("REVIEW_URL") or commit,
    }


def _test50(step: StepResult, submission: SubmissionReport) -> dict[str, Any]:
    possible = _whole(step.max_points, submission)
    counted = step.outcome not in NOT_COUNTED
    passed = step.outcome is Outcome.PASSED
    entry = _entry50(plain(f"{step.step} {step.title}"), passed=passed, possible=possible if counted else 0)
    entry |= {"outcome": step.outcome.value, "message": explained(step)}
    return entry if counted else entry | {"not-verified": possible}


def _entry50(name: str, *, passed: bool, possible: int = 0) -> dict[str, Any]:
    return {"test-name": name, "passed": passed, "score": possible if passed else 0, "max-score": possible}


def _whole(points: float, submission: SubmissionReport) -> int:
    """Points as a whole number. They are never rounded: that would be another score."""
    if number(points) != str(round(points)):
        raise NotExportableError(
            f"no result: {named(submission)}: classroom50 takes whole points only, and {number(points)} is none"
        )
    return round(points)
