"""A class in the Common Test Report Format: a test a step, under its submission and its task.

Format: https://ctrf.io/docs/full-schema and https://github.com/ctrf-io/ctrf (schema, MIT). `blocked` and `unavailable`
are skipped, `error` is other, as is a submission that could not be read; `rawStatus` holds our own word. Scores stand
under `extra`, submission by submission.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport
from checks.reports.escape import json_text
from checks.reports.interface import Export, Options
from checks.reports.words import explained, moment, no_grade, plain

SPEC_VERSION: Final = "0.0.0"
STATUSES: Final = ("passed", "failed", "skipped", "pending", "other")
_STATUS: Final = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.BLOCKED: "skipped",
    Outcome.UNAVAILABLE: "skipped",
    Outcome.ERROR: "other",
}


def export(report: CohortReport, _: Options) -> Export:
    """The whole class as one document."""
    tests = [test for submission in report.submissions for test in _tests(submission)]
    created = moment(report.created)
    data: dict[str, Any] = {"reportFormat": "CTRF", "specVersion": SPEC_VERSION}
    if created:
        data["timestamp"] = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    data["generatedBy"] = "mlsd"
    stop = round(created.timestamp() * 1000) if created else 0
    duration = sum(test["duration"] for test in tests)
    counts = Counter(test["status"] for test in tests)
    summary = {"tests": len(tests)} | {status: counts[status] for status in STATUSES}
    summary |= {"suites": len(report.submissions), "start": stop - duration, "stop": stop, "duration": duration}
    data["results"] = {
        "tool": {"name": "mlsd", "version": report.course.version},
        "summary": summary,
        "tests": tests,
        "environment": {"appName": report.course.id, "appVersion": report.course.version},
        "extra": {"submissions": [_scores(submission) for submission in report.submissions]},
    }
    return Export(json_text(data) + "\n")


def _scores(submission: SubmissionReport) -> dict[str, Any]:
    """The scores of one submission, with its problem where it has one. `grade` is null where there is no grade."""
    scores: dict[str, Any] = {
        "submission": plain(submission.submission),
        "score": submission.score,
        "max_score": submission.max_score,
        "total": submission.total,
        "grade": submission.grade,
        "late": submission.late,
    }
    if submission.problem:
        scores["problem"] = no_grade(submission)
    return scores


def _tests(submission: SubmissionReport) -> list[dict[str, Any]]:
    name = plain(submission.submission)
    if submission.problem:
        test = {"name": "The submission can be read", "status": "other", "duration": 0, "suite": [name]}
        return [test | {"message": no_grade(submission), "rawStatus": plain(submission.problem.kind)}]
    return [_test(step, name) for step in submission.steps]


def _test(step: StepResult, submission: str) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": plain(f"{step.step} {step.title}"),
        "status": _STATUS[step.outcome],
        "duration": round(step.seconds * 1000),
        "suite": [submission, plain(step.step.partition("/")[0])],
        "rawStatus": step.outcome.value,
    }
    if step.outcome is not Outcome.PASSED:
        test["message"] = explained(step)
    return test | {"extra": {"points": step.points, "max_points": step.max_points}}
