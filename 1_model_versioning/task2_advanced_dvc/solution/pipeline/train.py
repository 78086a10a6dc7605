"""Stage `train`: fit a random forest on the training rows.

Reads   data/prepared/train.csv
Writes  model/model.pkl
"""

from pathlib import Path

import joblib
import pandas as pd
import yaml
from sklearn.ensemble import RandomForestRegressor

TRAIN = Path("data/prepared/train.csv")
MODEL = Path("model/model.pkl")


def features(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that the model sees: the weather, the calendar, the hour and the day of the week."""
    time = pd.to_datetime(rows["timestamp"])
    weather = rows[["temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday"]]
    return weather.assign(hour=time.dt.hour, weekday=time.dt.weekday)


def main() -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["train"]
    rows = pd.read_csv(TRAIN)
    model = RandomForestRegressor(
        n_estimators=params["n_estimators"],
        max_depth=params["max_depth"],
        min_samples_leaf=params["min_samples_leaf"],
        random_state=params["seed"],
    )
    model.fit(features(rows), rows["rentals"])
    MODEL.parent.mkdir(exist_ok=True)
    joblib.dump(model, MODEL)


if __name__ == "__main__":
    main()
