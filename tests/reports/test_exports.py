"""The exports' scores are those of `results.json`, and no text of a submission harms whoever reads an export."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from checks.model import CohortReport, Outcome, Problem, StepResult, SubmissionReport, TaskReport
from checks.reports import ctrf, results, words
from checks.reports.interface import FORMATS, NotExportableError
from tests.reports.conftest import ada, tracking
from tests.reports.graded_class import GRACE, graded_class, grades, of, one_written, written

SCHEMAS = Path(__file__).with_name("schemas")
CLASS = graded_class()
RUNNER = {
    "CLASSROOM": "mlops", "ASSIGNMENT": "dvc", "ASSIGNMENT_TYPE": "group", "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-11-21T10-00-00Z-0123456", "COMMIT_URL": "https://forge.example/c",
    "RELEASE_URL": "https://forge.example/r", "REVIEW_URL": "https://forge.example/d",
}  # fmt: skip


def gradescope_score(text: str) -> float | None:
    """The score that Gradescope takes, by its specification of the output format. None: a failed autograder."""
    data = json.loads(text)
    known = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format"}
    known |= {"visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}
    assert set(data) <= known
    formats = {"text", "html", "simple_format", "md", "ansi"}
    assert {data["output_format"], data["test_output_format"], data["test_name_format"]} <= formats
    fields = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags"}
    for test in data["tests"]:
        assert set(test) <= fields | {"visibility", "extra_data"}
        assert test.get("status", "passed") in {"passed", "failed"}
        assert all(isinstance(test.get(field, ""), str) for field in ("name", "number", "output"))
        assert ("score" in test) == ("max_score" in test)
    if "score" in data:
        return float(data["score"])
    scores = [test.get("score") for test in data["tests"]]
    return sum(scores) if scores and None not in scores else None


def classroom_points(text: str) -> tuple[float, float] | None:
    """The points that the grading reporter sends: its sums over one runner. None: it sends nothing."""
    result = json.loads(base64.b64decode(base64.b64encode(text.encode())).decode())
    assert result["version"] == 1
    assert result["status"] in {"pass", "fail", "error"}
    for test in result["tests"]:
        assert test["status"] in {"pass", "fail", "error"}
        assert test["name"]
        assert isinstance(test["message"], str)
        assert test["message"] or test["status"] == "pass"
    if not result["max_score"]:
        return None
    return sum(test["score"] for test in result["tests"]), result["max_score"]


def check_result_v1(data: dict[str, Any]) -> None:
    """What classroom50 asks of a result: `schemas/result-v1.schema.json` and its collector, in our own words."""
    texts = {"classroom", "assignment", "owner", "commit", "release", "review"}
    fixed = {"schema", "assignment_type", "submission", "datetime", "score", "max-score", "tests"}
    assert set(data) == texts | fixed
    assert data["schema"] == "classroom50/result/v1"
    assert all(isinstance(data[field], str) and data[field] for field in texts)
    assert data["assignment_type"] in {"individual", "group"}
    assert data["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", data["datetime"])
    for each in (data, *data["tests"]):
        assert type(each["score"]) is type(each["max-score"]) is int
        assert 0 <= each["score"] <= each["max-score"]
    for test in data["tests"]:
        assert test["test-name"]
        assert type(test["passed"]) is bool


def whole(report: CohortReport) -> CohortReport:
    """The submissions of a class that classroom50 can take."""
    return of(report, *(each for each in report.submissions if each.grade is not None and each.grade % 1 == 0))


def test_gradescope_takes_the_scores_of_the_results() -> None:
    found = [gradescope_score(one_written("gradescope", submission)) for submission in CLASS.submissions]
    assert found == pytest.approx(grades(CLASS))
    assert found[:5] == [pytest.approx(2.7), None, 2.0, None, None]


def test_gradescope_shows_what_a_number_hides() -> None:
    late, problem, *_ = (json.loads(one_written("gradescope", submission)) for submission in CLASS.submissions)
    assert late["output"].startswith("Score: 3 / 7 verified, 9.5 in all; handed in late, which costs 10 %: 2.7 count\n")
    assert "1.1/image unavailable, 1.1/restore error" in late["output"]
    image = next(test for test in late["tests"] if test["number"] == "1.1/image")
    assert "score" not in image
    assert "unavailable: Docker is not running on this machine" in image["output"]
    assert "not-a-submission: b.zip: the archive ends too early" in problem["output"]


def test_the_classroom_adds_up_the_scores_of_the_results() -> None:
    found = [classroom_points(one_written("classroom", submission)) for submission in CLASS.submissions]
    expected = [
        None if grade is None else (pytest.approx(grade), submission.max_score)
        for grade, submission in zip(grades(CLASS), CLASS.submissions, strict=True)
    ]
    assert found == expected


@pytest.mark.parametrize(("index", "status"), [(0, "error"), (1, "error"), (2, "pass"), (4, "error")])
def test_the_classroom_says_how_the_run_came_out(index: int, status: str) -> None:
    assert json.loads(one_written("classroom", CLASS.submissions[index]))["status"] == status


def test_classroom50_takes_the_scores_of_the_results() -> None:
    report = whole(CLASS)
    assert len(report.submissions) > 20
    for submission, grade in zip(report.submissions, grades(report), strict=True):
        data = json.loads(one_written("classroom50", submission))
        check_result_v1(data)
        assert (data["score"], data["max-score"]) == (grade, submission.max_score)
        assert sum(test["max-score"] for test in data["tests"]) == data["max-score"]


def test_classroom50_is_told_who_by_its_runner() -> None:
    data = json.loads(one_written("classroom50", CLASS.submissions[2], runner=RUNNER))
    check_result_v1(data)
    assert [data[key] for key in ("classroom", "assignment", "assignment_type", "owner")] == [
        "mlops", "dvc", "group", "ada",
    ]  # fmt: skip
    assert data["submission"] == RUNNER["SUBMISSION_TAG"]
    assert data["review"] == RUNNER["REVIEW_URL"]


@pytest.mark.parametrize(
    ("index", "words"),
    [(0, "whole points only"), (1, "not-a-submission"), (3, "nothing was handed in"), (4, "3.1/runs")],
)
def test_classroom50_is_given_nothing_that_it_can_not_say(index: int, words: str) -> None:
    with pytest.raises(NotExportableError, match=words):
        one_written("classroom50", CLASS.submissions[index], runner=RUNNER)


def test_classroom50_keeps_the_time_of_handing_in() -> None:
    one = SubmissionReport("g", (tracking(),), learner=GRACE, submitted="2026-11-21T12:30:00+02:00")
    data = json.loads(one_written("classroom50", one))
    assert (data["datetime"], data["submission"]) == ("2026-11-21T10:30:00Z", "submit/manual-2026-11-21T10-30-00Z")


def test_ctrf_keeps_to_its_published_schema() -> None:
    schema = json.loads((SCHEMAS / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
    for report in (CLASS, of(CLASS), of(CLASS, ada())):
        data = json.loads(written("ctrf", report))
        jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(data)
        summary = data["results"]["summary"]
        assert summary["tests"] == len(data["results"]["tests"])
        assert summary["tests"] == sum(summary[status] for status in ctrf.STATUSES)
        scores = [submission["grade"] for submission in data["results"]["extra"]["submissions"]]
        assert scores == pytest.approx(grades(report))


def test_ctrf_keeps_every_outcome() -> None:
    tests = json.loads(written("ctrf", of(CLASS, *CLASS.submissions[:2])))["results"]["tests"]
    found = {(test["rawStatus"], test["status"]) for test in tests}
    assert found == {
        ("passed", "passed"), ("failed", "failed"), ("blocked", "skipped"), ("unavailable", "skipped"),
        ("error", "other"), ("not-a-submission", "other"),
    }  # fmt: skip


CONTROLS = re.compile(
    "[^\\n\\u200c\\u200d -~\\u00a1-\\U0010ffff]|[\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff]"
)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_of_a_submission_is_hidden_or_a_command_in_any_form(form: str) -> None:
    classes = [of(CLASS, each) for each in CLASS.submissions] if FORMATS[form].single else [CLASS]
    if form == "classroom50":
        classes = [of(CLASS, each) for each in whole(CLASS).submissions]
    for report in classes:
        text = written(form, report)
        assert text.encode("utf-8")
        assert not CONTROLS.search(text)
        assert not re.search(r"##[a-z]*\[|^\s*::(?!error|warning|notice)[a-z]", text, re.MULTILINE) or form in PLAIN
        assert len(text) < 100_000 * len(report.submissions)


PLAIN = {"csv", "canvas", "moodle", "html", "markdown"}
"""Forms that are no build log."""


def test_results_harm_no_terminal() -> None:
    text = results.render(CLASS)
    assert not CONTROLS.search(text)
    assert not re.search(r"##[a-z]*\[|^\s*::[a-z]", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.5, "0.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (100.0, "100"), (1 / 3, "0.333333")]
)
def test_a_number_is_short(value: float, text: str) -> None:
    assert words.number(value) == text


def test_a_score_shows_both_maxima_where_they_differ() -> None:
    assert words.score_words(3.0, 10.0, 10.0) == "3 / 10"
    assert words.score_words(3.0, 8.0, 10.0) == "3 / 8 verified, 10 in all"


def test_who_is_missing_and_what_coming_late_costs() -> None:
    assert words.unread(Problem("missing", "x")) == "nothing was handed in"
    assert words.unread(Problem("crashed", "x")) == "could not be read: crashed"
    steps = (StepResult("1.1/a", "A", Outcome.PASSED, 10.0),)
    on_time = SubmissionReport("ada", (TaskReport("1.1", "Task", steps),))
    assert words.lateness(on_time) == ""
    assert words.lateness(replace(on_time, late=True)) == "handed in late"
    assert words.lateness(replace(on_time, late=True, penalty=0.25)) == "handed in late, which costs 25 %: 7.5 count"
