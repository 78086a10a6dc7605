"""When metrics count as those of their predictions, and when one run is better than another."""

from __future__ import annotations

import pytest

from checks.core.course import load_course
from tests.task_modules import module_of

metrics = module_of(load_course().task("1.2"), "metrics")
agree, rounding = metrics.agree, metrics.rounding

TRUE = {"rmse": 61.23456789, "mae": 44.98765432, "r2": 0.85371234}


@pytest.mark.parametrize("digits", [2, 3, 4, 8])
def test_rounded_metrics_are_true(digits: int) -> None:
    assert agree({name: round(value, digits) for name, value in TRUE.items()}, TRUE)


@pytest.mark.parametrize(
    ("name", "value"), [("rmse", 61.24), ("mae", 44.98), ("r2", 0.857), ("r2", 0.85), ("r2", 0.86)]
)
def test_what_is_near_is_true_only_where_it_is_rounded(name: str, value: float) -> None:
    assert agree({**TRUE, name: value}, TRUE) is (name == "r2" and value == 0.85)


def test_an_error_is_as_exact_as_it_was_written() -> None:
    assert rounding(61.25) == rounding(61.2) == rounding(61.0) == pytest.approx(0.005)
    assert rounding(61.2345) == pytest.approx(0.00005)
    assert rounding(61.234567890123) < 1e-11
