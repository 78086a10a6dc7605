"""What every kind of store shares: how things are sorted, and what MLflow's codes mean."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from checks.evidence.mlflow.entities import Contents, Experiment, LoggedModel, Point, RegisteredModel, Run

DELETED_VERSION = "Deleted_Internal"
"""The stage of a version that was deleted for good: MLflow shows it no more."""
_MODEL_STATUS = {0: "UNSPECIFIED", 1: "PENDING", 2: "READY", 3: "FAILED"}
_LOGGED = re.compile(r"models:/(m-[0-9a-f]{32})\Z")


def contents_of(
    experiments: Iterable[Experiment],
    runs: Iterable[Run],
    models: Iterable[LoggedModel],
    registered: Iterable[RegisteredModel],
) -> Contents:
    """The contents of a store, sorted."""
    return Contents(
        tuple(sorted(experiments, key=lambda one: (len(one.id), one.id))),
        tuple(sorted(runs, key=lambda one: (one.start or 0, one.id))),
        tuple(sorted(models, key=lambda one: (one.created, one.id))),
        tuple(sorted(registered, key=lambda one: one.name)),
    )


def in_order(points: Iterable[Point]) -> tuple[Point, ...]:
    """The values of a metric, by step and time."""
    return tuple(sorted(points, key=_place))


def latest(points: Sequence[Point]) -> float:
    """The value that MLflow calls the latest: of the last step and time, the largest."""
    return max(points, key=_place).value


def _place(point: Point) -> tuple[int, int, bool, float]:
    is_nan = math.isnan(point.value)
    return point.step, point.timestamp, is_nan, 0.0 if is_nan else point.value


def model_status(code: int | None) -> str:
    """The name of a logged model's status: https://github.com/mlflow/mlflow/blob/master/mlflow/entities/logged_model_status.py."""
    return _MODEL_STATUS.get(code or 0, str(code))


def logged_model_id(source: str) -> str | None:
    """The id of the logged model that a version's source names, or None for an address of another kind."""
    match = _LOGGED.match(source)
    return match[1] if match else None
