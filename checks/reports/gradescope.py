"""One submission as Gradescope's `results.json`, which its autograder harness takes from `/autograder/results`.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format. The score is what counts, without
what coming late costs. A test's score is given where its step was judged: a step that is `unavailable` or `error` has
none. A submission that could not be judged has no score at all, which Gradescope shows as a failed autograder.
"""

from __future__ import annotations

import json
from typing import Any

from checks.model import Outcome, StepResult, SubmissionReport
from checks.reports.export import explained, no_grade, plain, problem_text, standing, unverified
from checks.reports.results import safe_json
from checks.reports.words import NOT_COUNTED


def render(submission: SubmissionReport) -> str:
    """The results of one submission."""
    data: dict[str, Any] = {} if submission.grade is None else {"score": submission.grade}
    data["output"] = _output(submission)
    # Gradescope would take Markdown, HTML or escapes of a terminal, where it was told so.
    data |= {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
    data["tests"] = [_problem(submission)] if submission.problem else [_test(step) for step in submission.steps]
    data["extra_data"] = {
        "submission": plain(submission.submission),
        "commit": submission.commit,
        "score": submission.score,
        "max_score": submission.max_score,
        "total": submission.total,
        "late": submission.late,
    }
    return safe_json(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def _output(submission: SubmissionReport) -> str:
    """What stands above the tests."""
    if submission.problem:
        return problem_text(submission.problem)
    if submission.grade is None:
        return f"No score: {no_grade(submission)}"
    left_out = unverified(submission)
    return f"Score: {standing(submission)}" + (f"\nNot verified here, and not counted: {left_out}" if left_out else "")


def _problem(submission: SubmissionReport) -> dict[str, Any]:
    """The one test of a submission that could not be read. It has no score."""
    return {"name": "The submission can be read", "status": "failed", "output": no_grade(submission)}


def _test(step: StepResult) -> dict[str, Any]:
    """One step."""
    test: dict[str, Any] = {"number": plain(step.step), "name": plain(step.title), "output": explained(step)}
    if step.outcome in NOT_COUNTED:
        return test
    status = "passed" if step.outcome is Outcome.PASSED else "failed"
    return test | {"score": step.points, "max_score": step.max_points, "status": status}
