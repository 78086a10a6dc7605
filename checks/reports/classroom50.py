"""One submission as classroom50's `classroom50/result/v1`: the `result.json` that its runner expects.

Format: https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json, and the page
"Advanced Autograding" of its wiki. Whose result it is comes from the runner's environment, which classroom50 checks.
Without one, names that classroom50 would not take for a real submission's stand in their place.

Points are whole numbers there, and there is no result without a score: what does not fit is not written.
A step that is `unavailable` or `error` has 0 of 0 points, and says in a field of its own how many were not verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.export import (
    NotExportableError,
    explained,
    heading,
    late_words,
    moment,
    no_grade,
    plain,
    shown,
)
from checks.reports.results import safe_json
from checks.reports.words import NOT_COUNTED, number

SCHEMA: Final = "classroom50/result/v1"
RUNNER: Final = "SUBMISSION_TAG"
"""A variable that classroom50's runner sets, and nobody else."""


def render(submission: SubmissionReport, report: CohortReport, environment: Mapping[str, str]) -> str:
    """The result of one submission of a class. `environment` is the runner's, empty elsewhere.

    Raises:
        NotExportableError: it has no score, a score that is no whole number, or no date.
    """
    if submission.grade is None:
        raise NotExportableError(f"no result: {shown(submission)}: {no_grade(submission)}")
    when = moment(submission.submitted) or moment(report.created)
    if when is None:
        raise NotExportableError(f"no result: {shown(submission)}: the results hold no time that can be read")
    data = {"schema": SCHEMA}
    data |= _identity(submission, report, f"{when:%Y-%m-%dT%H-%M-%SZ}", environment)
    data |= {"datetime": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
    points = {"score": _whole(submission.grade, submission), "max-score": _whole(submission.max_score, submission)}
    tests = [_test(step, submission) for step in submission.steps]
    if submission.late_cost:
        tests.append(_entry("It came in time", passed=False) | {"message": late_words(submission)})
    return safe_json(json.dumps(data | points | {"tests": tests}, ensure_ascii=False, indent=2)) + "\n"


def _identity(
    submission: SubmissionReport, report: CohortReport, when: str, environment: Mapping[str, str]
) -> dict[str, str]:
    """Which submission it is: what the runner says, or else what the results say."""
    tag = f"submit/manual-{when}"
    commit = environment.get("COMMIT_URL") or submission.commit or tag
    owner = submission.learner.id if submission.learner else submission.submission
    return {
        "classroom": environment.get("CLASSROOM") or report.course.id,
        "assignment": environment.get("ASSIGNMENT") or heading(report),
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "owner": environment.get("OWNER") or environment.get("USERNAME") or plain(owner) or "unknown",
        "submission": environment.get(RUNNER) or tag,
        "commit": commit,
        "release": environment.get("RELEASE_URL") or tag,
        "review": environment.get("REVIEW_URL") or commit,
    }


def _test(step: StepResult, submission: SubmissionReport) -> dict[str, Any]:
    """One step."""
    possible = _whole(step.max_points, submission)
    counted = step.outcome not in NOT_COUNTED
    passed = step.outcome is Outcome.PASSED
    entry = _entry(plain(f"{step.step} {step.title}"), passed=passed, possible=possible if counted else 0)
    entry |= {"outcome": step.outcome.value, "message": explained(step)}
    return entry if counted else entry | {"not-verified": possible}


def _entry(name: str, *, passed: bool, possible: int = 0) -> dict[str, Any]:
    """The fields that every test has."""
    return {"test-name": name, "passed": passed, "score": possible if passed else 0, "max-score": possible}


def _whole(points: float, submission: SubmissionReport) -> int:
    """Points as a whole number. They are never rounded: that would be another score."""
    if number(points) != str(round(points)):
        raise NotExportableError(
            f"no result: {shown(submission)}: classroom50 takes whole points only, and {number(points)} is none"
        )
    return round(points)
