"""The forecast of your city's bike rentals: data, model, errors, picture. It is finished: read it, and change nothing.

Not a line of it knows MLflow: the tracking is your work, in track.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA = "data/rentals.csv"
TARGET = "rentals"
INPUTS = ["temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday", "hour", "weekday"]


def read() -> pd.DataFrame:
    """The rentals as they were delivered, one row an hour."""
    return pd.read_csv(DATA)


def fingerprint() -> str:
    """The MD5 of the data's file: the name that DVC gives to its content."""
    return hashlib.md5(Path(DATA).read_bytes()).hexdigest()


def split(rentals: pd.DataFrame, test_share: float, seed: int) -> list[pd.DataFrame]:
    """The cleaned rows, shuffled and split in two: training rows and test rows."""
    rows = rentals.drop_duplicates()
    time = pd.to_datetime(rows["timestamp"])
    rows = rows.assign(hour=time.dt.hour, weekday=time.dt.day_of_week)
    return train_test_split(rows, test_size=test_share, random_state=seed)


def inputs(rows: pd.DataFrame) -> pd.DataFrame:
    """What the model sees of the rows. A missing humidity stays missing: this model can live with that."""
    return rows[INPUTS].astype(float)


def train(rows: pd.DataFrame, **hyperparameters: object) -> HistGradientBoostingRegressor:
    """A model of decision trees, each of which learns from the errors of the trees before it."""
    return HistGradientBoostingRegressor(**hyperparameters).fit(inputs(rows), rows[TARGET])


def errors(rows: pd.DataFrame, predicted: pd.Series) -> dict[str, float]:
    """How far off the predictions are. `rmse` and `mae` are in rentals an hour; an `r2` of 1 would be perfect."""
    return {
        "rmse": root_mean_squared_error(rows[TARGET], predicted),
        "mae": mean_absolute_error(rows[TARGET], predicted),
        "r2": r2_score(rows[TARGET], predicted),
    }


def learning_curve(model: HistGradientBoostingRegressor, rows: pd.DataFrame) -> Iterator[tuple[int, float]]:
    """The RMSE of the model's first 10 trees, of its first 20, and so on."""
    for trees, predicted in enumerate(model.staged_predict(inputs(rows)), start=1):
        if trees % 10 == 0:
            yield trees, root_mean_squared_error(rows[TARGET], predicted)


def picture(rows: pd.DataFrame, predicted: pd.Series) -> Figure:
    """Predicted against true rentals: the nearer to the diagonal, the better."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6))
    axes = figure.subplots()
    axes.scatter(rows[TARGET], predicted, s=8)
    axes.axline((0, 0), slope=1, color="grey")
    axes.set(title="One point for each hour of the test rows", xlabel="true rentals", ylabel="predicted rentals")
    return figure
