"""A class with everything that a gradebook has to survive, and its scores as `results.json` has them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from checks import model
from checks.reports import results
from checks.reports.interface import FORMATS, Options
from tests.reports.conftest import HOSTILE, ada, hostile, tracking

GRACE = model.Identity("42", "Grace Hopper", "grace@example.org")
ALAN = model.Identity("77", "Alan Turing", "alan@example.org")
EDSGER = model.Identity("edsger@example.org", "Edsger Dijkstra")


def broken() -> model.TaskReport:
    """A task of which nothing could be judged."""
    steps = (
        model.StepResult("3.1/image", "The image", model.Outcome.UNAVAILABLE, 2.0, reason="no engine"),
        model.StepResult("3.1/runs", "Two runs", model.Outcome.ERROR, 3.0, reason="the checker broke"),
    )
    return model.TaskReport("3.1", "Intro to Docker", steps)


def graded_class() -> model.CohortReport:
    """Late work, work that could not be read, work that is missing, work that nobody could judge, hostile work."""
    problem = model.Problem("not-a-submission", "b.zip: the archive ends too early")
    others = (
        dataclasses.replace(ada(), penalty=0.1),
        model.SubmissionReport("b.zip", problem=problem),
        model.SubmissionReport("grace.zip", (tracking(),), learner=GRACE),
        model.SubmissionReport("alan", learner=ALAN, problem=model.Problem("missing", "nothing was handed in")),
        model.SubmissionReport("edsger", (broken(),), learner=EDSGER),
    )
    stamp = model.CourseStamp("mlsd-workshop", "1.0.0", "sha256:" + "ab" * 32)
    return model.CohortReport(stamp, "2026-11-22T10:00:00Z", (*others, *(hostile(text) for text in HOSTILE)))


def of(report: model.CohortReport, *submissions: model.SubmissionReport) -> model.CohortReport:
    """The class with these submissions only."""
    return dataclasses.replace(report, submissions=submissions)


def grades(report: model.CohortReport) -> list[float | None]:
    """What each submission's grade is, read from `results.json`: `final` where there is one, else `score`."""
    data = json.loads(results.render(report))
    return [_grade(submission) for submission in data["submissions"]]


def _grade(submission: dict[str, Any]) -> float | None:
    """None where there is no grade: a problem, or nothing that counts."""
    if "problem" in submission or not submission["max_score"]:
        return None
    return float(submission.get("final", submission["score"]))


def written(form: str, report: model.CohortReport, **options: Any) -> str:
    """The class in a form, by the registry."""
    return FORMATS[form].export(report, Options(**options)).text


def one_written(form: str, submission: model.SubmissionReport, **options: Any) -> str:
    """One submission of the class in a form that holds one."""
    return written(form, of(graded_class(), submission), **options)
