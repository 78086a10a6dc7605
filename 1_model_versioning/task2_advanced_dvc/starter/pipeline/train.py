"""Stage `train`: fit a random forest on the training rows.

Reads   data/prepared/train.csv
Writes  model/model.pkl
"""

from pathlib import Path

import pandas as pd
import yaml

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
    raise SystemExit(f"pipeline/train.py is not finished: {len(rows)} rows, parameters {params}. See the TODOs in it.")
    # TODO 1: fit a RandomForestRegressor with the parameters on features(rows) and rows["rentals"].
    # TODO 2: write it to MODEL with joblib.dump.


if __name__ == "__main__":
    main()
