"""One submission as Gradescope's `results.json`, which its autograder harness takes from `/autograder/results`.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format. The score is what counts, without
what coming late costs. A test's score is given where its step was judged: a step that is `unavailable` or `error` has
none. A submission that could not be judged has no score at all, which Gradescope shows as a failed autograder.
"""

from __future__ import annotations

from typing import Any

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import json_text
from checks.reports.interface import Export, Options
from checks.reports.words import NOT_COUNTED, explained, no_grade, plain, standing, unverified


def export(report: CohortReport, _: Options) -> Export:
    """The results of the one submission."""
    [submission] = report.submissions
    data: dict[str, Any] = {} if submission.grade is None else {"score": submission.grade}
    data["output"] = _output(submission)
    # Gradescope would take Markdown, HTML or escapes of a terminal, where it was told so.
    data |= {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
    unread = {"name": "The submission can be read", "status": "failed", "output": no_grade(submission)}
    data["tests"] = [unread] if submission.problem else [_test(step) for step in submission.steps]
    data["extra_data"] = {
        "submission": plain(submission.submission),
        "commit": submission.commit,
        "score": submission.score,
        "max_score": submission.max_score,
        "total": submission.total,
        "late": submission.late,
    }
    return Export(json_text(data) + "\n")


def _output(submission: SubmissionReport) -> str:
    """The text above the tests."""
    if submission.problem:
        return plain(f"This submission could not be read.\n{submission.problem.kind}: {submission.problem.detail}")
    if submission.grade is None:
        return f"No score: {no_grade(submission)}"
    left_out = unverified(submission)
    return f"Score: {standing(submission)}" + (f"\nNot verified here, and not counted: {left_out}" if left_out else "")


def _test(step: StepResult) -> dict[str, Any]:
    test: dict[str, Any] = {"number": plain(step.step), "name": plain(step.title), "output": explained(step)}
    if step.outcome in NOT_COUNTED:
        return test
    status = "passed" if step.outcome is Outcome.PASSED else "failed"
    return test | {"score": step.points, "max_score": step.max_points, "status": status}
