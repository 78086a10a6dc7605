"""Train the demand forecast of your city, and write down what made it.

Run it with the Python of the environment that it is made for. It writes metrics.json: how good the forecast is, which
data it saw, and the versions of Python and of every package whose code had a part in it.
"""

import csv
import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

DATA = Path("data/rentals.csv")
METRICS = Path("metrics.json")
PACKAGES = ("joblib", "numpy", "scikit-learn", "scipy", "threadpoolctl")
TEST_MONTH = "2025-03"
SEED = 42


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The inputs, the rentals, and which rows are of the test month; without repeated and incomplete rows."""
    with DATA.open(newline="") as file:
        _header, *rows = dict.fromkeys(map(tuple, csv.reader(file)))
    rows = [row for row in rows if all(row)]
    inputs = np.array([[int(row[0][11:13]), *map(float, row[1:6])] for row in rows])
    rentals = np.array([float(row[6]) for row in rows])
    test = np.array([row[0].startswith(TEST_MONTH) for row in rows])
    return inputs, rentals, test


def main() -> None:
    """Learn from January and February, forecast March, and write metrics.json."""
    inputs, rentals, test = load()
    model = RandomForestRegressor(n_estimators=50, min_samples_leaf=3, random_state=SEED)
    model.fit(inputs[~test], rentals[~test])
    forecast = model.predict(inputs[test])
    metrics = {
        "rmse": round(float(np.sqrt(mean_squared_error(rentals[test], forecast))), 6),
        "mae": round(float(mean_absolute_error(rentals[test], forecast)), 6),
        "r2": round(float(r2_score(rentals[test], forecast)), 6),
        "test_rows": int(test.sum()),
        "data": {"path": DATA.as_posix(), "md5": hashlib.md5(DATA.read_bytes()).hexdigest()},
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in PACKAGES},
        },
    }
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"rmse {metrics['rmse']}, mae {metrics['mae']}, r2 {metrics['r2']}")
    print(f"written: {METRICS}")


if __name__ == "__main__":
    main()
