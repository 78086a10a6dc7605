"""Numbers and scores for readers."""

from __future__ import annotations

import pytest

from checks.reports.words import number, score_words


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.5, "0.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (100.0, "100"), (1 / 3, "0.333333")]
)
def test_a_number_is_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_score_shows_both_maxima_where_they_differ() -> None:
    assert score_words(3.0, 10.0, 10.0) == "3 / 10"
    assert score_words(3.0, 8.0, 10.0) == "3 / 8 verified, 10 in all"
