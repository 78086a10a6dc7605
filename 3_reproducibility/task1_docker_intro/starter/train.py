"""Train a model of the demand and write it down: `output/model.pkl` and `output/metrics.json`.

Run it twice, and the two outputs differ. Three things in this file are the cause: find and mend them.
"""

import hashlib
import json
import pickle
from datetime import datetime
from pathlib import Path

import pandas as pd
import sklearn
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

DATA = Path("data/rentals.csv")
OUTPUT = Path("output")
FEATURES = {"hour", "weekday", "temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday"}


def main():
    rentals = pd.read_csv(DATA, parse_dates=["timestamp"]).drop_duplicates().dropna()
    rentals["hour"] = rentals["timestamp"].dt.hour
    rentals["weekday"] = rentals["timestamp"].dt.day_of_week

    train, test = train_test_split(rentals, test_size=0.25)
    model = RandomForestRegressor(n_estimators=30, max_depth=10)
    model.fit(train[list(FEATURES)], train["rentals"])
    predicted = model.predict(test[list(FEATURES)])

    metrics = {
        "rmse": round(root_mean_squared_error(test["rentals"], predicted), 6),
        "mae": round(mean_absolute_error(test["rentals"], predicted), 6),
        "r2": round(r2_score(test["rentals"], predicted), 6),
        "data_md5": hashlib.md5(DATA.read_bytes()).hexdigest(),
        "scikit_learn": sklearn.__version__,
        "trained_at": datetime.now().astimezone().isoformat(),
    }
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "model.pkl").write_bytes(pickle.dumps(model))
    (OUTPUT / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    main()
