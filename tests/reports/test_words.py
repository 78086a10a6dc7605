"""Numbers and scores for readers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Outcome, Problem, StepResult, SubmissionReport, TaskReport
from checks.reports import words
from checks.reports.words import number, score_words


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.5, "0.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (100.0, "100"), (1 / 3, "0.333333")]
)
def test_a_number_is_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_score_shows_both_maxima_where_they_differ() -> None:
    assert score_words(3.0, 10.0, 10.0) == "3 / 10"
    assert score_words(3.0, 8.0, 10.0) == "3 / 8 verified, 10 in all"


def test_who_is_missing_and_what_coming_late_costs() -> None:
    assert words.unread(Problem("missing", "x")) == "nothing was handed in"
    assert words.unread(Problem("crashed", "x")) == "could not be read: crashed"
    steps = (StepResult("1.1/a", "A", Outcome.PASSED, 10.0),)
    on_time = SubmissionReport("ada", (TaskReport("1.1", "Task", steps),))
    assert words.lateness(on_time) == ""
    assert words.lateness(replace(on_time, late=True)) == "handed in late"
    assert words.lateness(replace(on_time, late=True, penalty=0.25)) == "handed in late, which costs 25 %: 7.5 count"
