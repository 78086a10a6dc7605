"""Search for the best forecast of your city: one MLflow run for each combination of hyperparameters.

python tune.py
python tune.py --depths 4,8,16 --leaves 1,5
"""

import argparse
import hashlib
import itertools
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split

EXPERIMENT = "bike-demand"
FEATURES = ["hour", "weekday", "temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday"]
TARGET = "rentals"
REQUIREMENTS = [f"scikit-learn=={version('scikit-learn')}", f"skops=={version('skops')}"]
"""What the model needs. MLflow can find that out alone, which takes it up to ten seconds for each model."""
TRUSTED = ["numpy.dtype", "sklearn.tree._tree.Tree"]
"""Types in the model's file that are no plain numbers. A model file is code, unless its types are known."""


def numbers(text: str) -> list[int]:
    """`4,8,16` as numbers."""
    return [int(part) for part in text.split(",")]


def read(path: str) -> pd.DataFrame:
    """The rentals without repeated rows and without hours in which the sensor was silent."""
    rows = pd.read_csv(path, parse_dates=["timestamp"]).drop_duplicates().dropna()
    time = rows.pop("timestamp")
    return rows.assign(hour=time.dt.hour, weekday=time.dt.day_of_week).astype(float)


def described(rows: pd.DataFrame, path: str) -> mlflow.data.Dataset:
    """The data set for `mlflow.log_input`: its digest is the MD5 of the file, as DVC would name it."""
    digest = hashlib.md5(Path(path).read_bytes()).hexdigest()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow knows two names for one kind of source
        return mlflow.data.from_pandas(rows, source=path, targets=TARGET, name="rentals", digest=digest)


def fit(depth: int, leaf: int, options: argparse.Namespace, parts: list) -> tuple[float, str]:
    """Train one model in a run of its own. Its error in rentals an hour, and the run's id."""
    x_train, x_test, y_train, y_test = parts
    params = {"max_depth": depth, "min_samples_leaf": leaf}
    with mlflow.start_run(nested=True, run_name=f"depth-{depth}-leaf-{leaf}") as run:
        mlflow.log_params(params)
        model = RandomForestRegressor(n_estimators=options.trees, random_state=options.seed, **params)
        model.fit(x_train, y_train)
        predicted = model.predict(x_test)
        rmse = root_mean_squared_error(y_test, predicted)
        mlflow.log_metric("rmse", rmse)
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(x_test, predicted),
            input_example=x_test.head(3),
            pip_requirements=REQUIREMENTS,
            skops_trusted_types=TRUSTED,
        )
    return rmse, run.info.run_id


def main(options: argparse.Namespace) -> None:
    """One parent run, a child for each combination, and `best_run.json`."""
    rows = read(options.data)
    parts = train_test_split(rows[FEATURES], rows[TARGET], test_size=0.25, random_state=options.seed)
    mlflow.set_experiment(EXPERIMENT)
    results = []
    with mlflow.start_run(run_name="grid"):
        mlflow.log_input(described(rows, options.data), context="training")
        mlflow.log_params({"trees": options.trees, "seed": options.seed, "test_share": 0.25})
        for depth, leaf in itertools.product(numbers(options.depths), numbers(options.leaves)):
            rmse, run_id = fit(depth, leaf, options, parts)
            results.append({"run_id": run_id, "params": {"max_depth": depth, "min_samples_leaf": leaf}, "rmse": rmse})
            print(f"max_depth {depth:2}  min_samples_leaf {leaf}  rmse {rmse:.2f}")
    best = min(results, key=lambda result: result["rmse"])
    Path("best_run.json").write_text(json.dumps(best, indent=2) + "\n", encoding="utf-8")
    print("best:", best["params"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/rentals.csv")
    parser.add_argument("--depths", default="4,8,16")
    parser.add_argument("--leaves", default="1,5")
    parser.add_argument("--trees", type=int, default=20)
    parser.add_argument("--seed", type=int, default=42)
    main(parser.parse_args())
