"""Whether a number that a rebuild does not give was left to chance, or never came from this code."""

from __future__ import annotations

import pytest

from checks.assertions.rebuilt import same_numbers
from checks.expect import Failure

COMMITTED = {"rmse": 41.2, "mae": 30.1}


def verdict(*rebuilds: dict[str, float]) -> Failure:
    """The failure where one rebuild after the other gives these numbers."""
    following = iter(rebuilds)
    with pytest.raises(Failure) as failure:
        same_numbers(
            COMMITTED,
            lambda _again: next(following),
            where="metrics.json",
            script="train.py",
            mend_chance="seed it",
            mend_other="run it",
        )
    return failure.value


def test_the_same_numbers_but_for_rounding() -> None:
    rebuilds = iter([{"rmse": 41.2000001, "mae": 30.1, "r2": 0.9}])
    same_numbers(COMMITTED, lambda _again: next(rebuilds), where="a", script="b", mend_chance="c", mend_other="d")


def test_numbers_that_this_code_never_gave() -> None:
    found = verdict({"rmse": 44.9, "mae": 33.0}, {"rmse": 44.9, "mae": 33.0})
    assert "rmse 41.2, two rebuilds both 44.9" in found.found
    assert found.fix == "run it"


def test_chance_shows_in_any_of_the_numbers() -> None:
    """Two runs without a seed agree on one number now and then, and hardly ever on all."""
    found = verdict({"rmse": 44.9, "mae": 33.0}, {"rmse": 44.9, "mae": 33.4})
    assert "mae 30.1, the rebuild 33, and one more 33.4: train.py leaves something to chance" in found.found
    assert found.fix == "seed it"


def test_a_number_that_no_rebuild_has() -> None:
    assert verdict({"mae": 30.1}).found == "a rebuild without rmse"
