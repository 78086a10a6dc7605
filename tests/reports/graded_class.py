"""A class with everything that a gradebook has to survive, and its scores as `results.json` has them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from checks.model import (
    CohortReport,
    CourseStamp,
    Identity,
    Outcome,
    Problem,
    StepResult,
    SubmissionReport,
    TaskReport,
)  # fmt: skip
from checks.reports import results
from tests.reports.conftest import HOSTILE, ada, hostile, tracking

GRACE = Identity("42", "Grace Hopper", "grace@example.org")
ALAN = Identity("77", "Alan Turing", "alan@example.org")
EDSGER = Identity("edsger@example.org", "Edsger Dijkstra")


def broken() -> TaskReport:
    """A task of which nothing could be judged."""
    steps = (
        StepResult("3.1/image", "The image", Outcome.UNAVAILABLE, 2.0, reason="no engine"),
        StepResult("3.1/runs", "Two runs", Outcome.ERROR, 3.0, reason="the checker broke"),
    )
    return TaskReport("3.1", "Intro to Docker", steps)


def graded_class() -> CohortReport:
    """Late work, work that could not be read, work that is missing, work that nobody could judge, hostile work."""
    problem = Problem("not-a-submission", "b.zip: the archive ends too early")
    others = (
        dataclasses.replace(ada(), penalty=0.1),
        SubmissionReport("b.zip", problem=problem),
        SubmissionReport("grace.zip", (tracking(),), learner=GRACE),
        SubmissionReport("alan", learner=ALAN, problem=Problem("missing", "nothing was handed in")),
        SubmissionReport("edsger", (broken(),), learner=EDSGER),
    )
    stamp = CourseStamp("mlsd-workshop", "1.0.0", "sha256:" + "ab" * 32)
    return CohortReport(stamp, "2026-11-22T10:00:00Z", (*others, *(hostile(text) for text in HOSTILE)))


def of(report: CohortReport, *submissions: SubmissionReport) -> CohortReport:
    """The class with these submissions only."""
    return dataclasses.replace(report, submissions=submissions)


def grades(report: CohortReport) -> list[float | None]:
    """What each submission's grade is, read from `results.json`: `final` where there is one, else `score`."""
    data = json.loads(results.render(report))
    return [_grade(submission) for submission in data["submissions"]]


def _grade(submission: dict[str, Any]) -> float | None:
    """None where there is no grade: a problem, or nothing that counts."""
    if "problem" in submission or not submission["max_score"]:
        return None
    return float(submission.get("final", submission["score"]))
