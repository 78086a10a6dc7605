"""What is held of predictions, whichever rows were the learner's test rows; no model is loaded here."""

from __future__ import annotations

import math
import random

import pytest

from checks.core.course import load_course
from checks.expect import Failure
from tests.task_modules import module_of

predictions_of = module_of(load_course().task("2.1"), "predictions")
possible_error, same_predictions = predictions_of.possible_error, predictions_of.same_predictions

HOURS = 2000
CHANCE = random.Random(7)
TRUTH = [100 + 80 * math.sin(hour / 4) for hour in range(HOURS)]
TEST = set(CHANCE.sample(range(HOURS), HOURS // 5))


def predictions(of_training: float, of_test: float) -> list[float]:
    """Predictions that are off by so much on training rows, and by so much on test rows."""
    return [true + CHANCE.gauss(0, of_test if at in TEST else of_training) for at, true in enumerate(TRUTH)]


def measured(predicted: list[float], rows: set[int] | range) -> float:
    return math.sqrt(sum((predicted[at] - TRUTH[at]) ** 2 for at in rows) / len(rows))


@pytest.mark.parametrize("of_training", [0.0, 5.0, 20.0], ids=["learned by heart", "overfitted", "smooth"])
def test_an_error_on_test_rows_that_were_drawn_is_possible(of_training: float) -> None:
    predicted = predictions(of_training, 20.0)
    possible_error(measured(predicted, TEST), predicted, TRUTH, 0.2, of="the model", fix="")


@pytest.mark.parametrize("start", [0, 700, 1600])
def test_an_error_on_test_rows_that_were_cut_out_is_possible(start: int) -> None:
    predicted = predictions(15.0, 15.0)
    possible_error(measured(predicted, range(start, start + 400)), predicted, TRUTH, 0.2, of="the model", fix="")


@pytest.mark.parametrize("told", [5.0, 60.0], ids=["much better", "much worse"])
def test_an_error_that_no_test_rows_have_is_another_models(told: float) -> None:
    with pytest.raises(Failure, match="not the model that was measured"):
        possible_error(told, predictions(20.0, 20.0), TRUTH, 0.2, of="the model", fix="")


def test_a_model_is_told_from_its_neighbour() -> None:
    predicted = predictions(20.0, 20.0)
    same_predictions(predicted, [value + 1e-6 for value in predicted], TRUTH, of="the model", fix="")
    with pytest.raises(Failure, match="predictions that differ by 1 rentals"):
        same_predictions(predicted, [value + 1.0 for value in predicted], TRUTH, of="the model", fix="")
