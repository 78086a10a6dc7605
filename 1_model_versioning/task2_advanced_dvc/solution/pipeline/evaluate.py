"""Stage `evaluate`: hold the model against rows that it has never seen.

Reads   data/prepared/test.csv, model/model.pkl
Writes  predictions.csv (y_true,y_pred), metrics.json (rmse, mae, r2)
"""

import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from train import features

TEST = Path("data/prepared/test.csv")
MODEL = Path("model/model.pkl")
PREDICTIONS = Path("predictions.csv")
METRICS = Path("metrics.json")


def main() -> None:
    rows = pd.read_csv(TEST)
    predicted = joblib.load(MODEL).predict(features(rows))
    pd.DataFrame({"y_true": rows["rentals"], "y_pred": predicted}).to_csv(PREDICTIONS, index=False)
    metrics = {
        "rmse": root_mean_squared_error(rows["rentals"], predicted),
        "mae": mean_absolute_error(rows["rentals"], predicted),
        "r2": r2_score(rows["rentals"], predicted),
    }
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
