"""`results.json`: as its schema says, and the same report when read again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checks import model
from checks.reports import results
from tests.reports.graded_class import graded_class

SCHEMA = json.loads((Path(results.__file__).parent / "results.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

# Every character, and lone surrogates as Python gives them for bytes that are no UTF-8.
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udcff"))
POINTS = st.floats(0, 100) | st.integers(0, 100).map(float)


@st.composite
def step_results(draw: st.DrawFn) -> model.StepResult:
    """Any step, with the evidence that its outcome asks for."""
    outcome = draw(st.sampled_from(model.Outcome))
    base: dict[str, Any] = {"step": draw(TEXT), "title": draw(TEXT), "outcome": outcome, "max_points": draw(POINTS)}
    base["seconds"] = draw(POINTS)
    if outcome is model.Outcome.FAILED:
        base |= {field: draw(TEXT) for field in ("looked_at", "expected", "found", "fix", "see")}
        return model.StepResult(**base)
    return model.StepResult(**base, reason=None if outcome is model.Outcome.PASSED else draw(TEXT))


TASKS = st.builds(model.TaskReport, TEXT, TEXT, st.lists(step_results(), max_size=3).map(tuple))
FINDINGS = st.builds(model.Finding, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple))
ABOUT: dict[str, Any] = {
    "learner": st.none() | st.builds(model.Identity, TEXT, TEXT, st.none() | TEXT),
    "commit": st.none() | st.text("0123456789abcdef", min_size=40, max_size=40),
    "submitted": st.none() | TEXT,
    "late": st.booleans(),
    "penalty": st.floats(0, 1),
    "findings": st.lists(FINDINGS, max_size=2).map(tuple),
}
SUBMISSIONS = st.builds(model.SubmissionReport, TEXT, st.lists(TASKS, max_size=2).map(tuple), **ABOUT) | st.builds(
    model.SubmissionReport, TEXT, problem=st.builds(model.Problem, TEXT, TEXT), **ABOUT
)
STAMPS = st.builds(model.CourseStamp, TEXT, TEXT, TEXT)
COHORTS = st.builds(model.CohortReport, STAMPS, TEXT, st.lists(SUBMISSIONS, max_size=3).map(tuple))


@given(COHORTS | st.just(graded_class()))
def test_a_report_survives_the_round_trip(report: model.CohortReport) -> None:
    text = results.render(report)
    assert results.load(text) == report
    assert text.encode().decode() == text
    assert text.endswith("}\n")
    VALIDATOR.validate(json.loads(text))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_field_of_the_schema_is_described() -> None:
    def undescribed(schema: dict[str, Any]) -> list[str]:
        shared = {name for name, part in SCHEMA["$defs"].items() if "description" in part}
        names = []
        for name, part in schema.get("properties", {}).items():
            if "description" not in part and part.get("$ref", "").rpartition("/")[2] not in shared:
                names.append(name)
        return names

    assert not [name for part in [SCHEMA, *SCHEMA["$defs"].values()] for name in undescribed(part)]
    assert all(part["additionalProperties"] is False for part in SCHEMA["$defs"].values() if "properties" in part)


def test_keys_stand_in_the_order_of_the_contract(cohort: model.CohortReport) -> None:
    data = json.loads(results.render(cohort))
    ada, problem = data["submissions"][:2]
    assert list(data) == ["schema", "course", "created", "submissions"]
    about = ["submission", "learner", "commit", "submitted", "late"]
    scores = ["score", "max_score", "total", "findings", "tasks"]
    assert list(ada) == about + scores
    assert list(problem) == [*about, "problem", *scores]
    late = json.loads(results.render(replace(cohort, submissions=(replace(cohort.submissions[0], penalty=0.1),))))
    assert list(late["submissions"][0]) == [*about, *scores[:3], "penalty", "final", *scores[3:]]
    assert (late["submissions"][0]["score"], late["submissions"][0]["final"]) == (3.0, 2.7)
    assert list(ada["findings"][0]) == ["kind", "step", "detail", "with"]
    assert list(ada["tasks"][0]) == ["task", "title", "score", "max_score", "steps"]
    judged = ["step", "title", "outcome", "points", "max_points", "seconds"]
    assert list(ada["tasks"][0]["steps"][0]) == judged
    assert list(ada["tasks"][0]["steps"][1]) == [*judged, "looked_at", "expected", "found", "fix", "see"]
    assert list(ada["tasks"][0]["steps"][2]) == [*judged, "reason"]


def test_scores_leave_out_what_could_not_be_verified(cohort: model.CohortReport) -> None:
    ada = json.loads(results.render(cohort))["submissions"][0]
    assert (ada["score"], ada["max_score"], ada["total"]) == (3.0, 7.0, 9.5)


Path2 = tuple[str | int, ...]


def _with(path: Path2, value: object, cohort: model.CohortReport) -> str:
    """The cohort's JSON with one value replaced; `...` deletes it."""
    data = json.loads(results.render(cohort))
    place = data
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(data)


STEP: Path2 = ("submissions", 0, "tasks", 0, "steps", 1)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema",), 2, "its schema is 2, but only schema 1 can be read"),
        (("schema",), True, "its schema is True"),
        (("schema",), ..., "its schema is None"),
        (("course",), [], "Expected `object`, got `array` - at `$.course`"),
        (("extra",), 1, "unknown field `extra`"),
        (("submissions",), {}, "Expected `array`, got `object` - at `$.submissions`"),
        (("submissions", 0, "score"), 60, "submissions[0].score: it is 60.0, but must be 3.0"),
        (("submissions", 0, "final"), 3.0, "submissions[0].final: it is 3.0, but must be None"),
        (("submissions", 0, "late"), 1, "Expected `bool`, got `int` - at `$.submissions[0].late`"),
        (("submissions", 0, "learner"), "Ada", "got `str` - at `$.submissions[0].learner`"),
        (("submissions", 0, "findings", 0, "with"), [1], "got `int` - at `$.submissions[0].findings[0].with[0]`"),
        (("submissions", 0, "tasks", 0, "score"), 7, "submissions[0].tasks[0].score: it is 7.0, but must be 1.0"),
        ((*STEP, "outcome"), "great", "Invalid enum value 'great' - at `$.submissions[0].tasks[0].steps[1].outcome`"),
        ((*STEP, "points"), 2, "tasks[0].steps[1].points: it is 2.0, but must be 0.0"),
        ((*STEP, "max_points"), "2", "Expected `float`, got `str`"),
        ((*STEP, "seconds"), True, "Expected `float`, got `bool`"),
        ((*STEP, "seconds"), 10**400, "results.json: "),
        ((*STEP, "title"), ..., "missing required field `title` - at `$.submissions[0].tasks[0].steps[1]`"),
        ((*STEP, "points"), ..., "missing required field `points`"),
        ((*STEP, "hack"), "\x1b[31m", "unknown field `hack`"),
        ((*STEP, "\x1b[31m"), "hack", r"unknown field `\x1b[31m`"),
    ],
)
def test_what_was_not_written_is_refused(path: Path2, value: object, message: str, cohort: model.CohortReport) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        results.load(_with(path, value, cohort))
    assert str(error.value).endswith(".")
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "[" * 100_000, '{"schema": 1, "x": 1e999}', '{"schema": NaN}', "1" * 5_000]
)
def test_what_is_no_results_file_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^results\.json: .*\.$"):
        results.load(text)
