"""Work to be tracked, in MLflow 2 or 3: python work.py TRACKING_URI. Everything that the reader reads is in it.

Run in an empty folder. Only scikit-learn and pandas beside MLflow are needed.
"""

import sys

import mlflow
import numpy
import pandas
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

THREE = not mlflow.__version__.startswith("2.")
ROWS = pandas.DataFrame({"hour": [1, 2, 3], "temperature": [1.5, 2.5, 3.5], "rentals": [1.0, 2.0, 4.0]})
INPUTS = ROWS[["hour", "temperature"]]


def log_model(name, rows, **options):
    model = LinearRegression().fit(rows, ROWS.rentals)
    if THREE:
        options["name"] = name
    else:
        options["artifact_path"] = name
    signature = infer_signature(rows, model.predict(rows))
    mlflow.sklearn.log_model(model, signature=signature, pip_requirements=["scikit-learn"], **options)


def track():
    mlflow.set_experiment("bike-demand")
    mlflow.set_experiment_tag("course", "mlsd — déjà vu")
    data = mlflow.data.from_pandas(ROWS, source="data/rentals.csv", name="rentals", targets="rentals")
    with mlflow.start_run(run_name="first", tags={"mlflow.source.git.commit": "a" * 40}) as run:
        mlflow.log_params({"alpha": 0.1, "text": "a: 'b'\n\tc", "empty": ""})
        for step in range(3):
            mlflow.log_metric("rmse", 3 - step, step=step)
        for name, value in {"nan": float("nan"), "big": float("inf"), "small": float("-inf"), "a/b c": 1e-300}.items():
            mlflow.log_metric(name, value)
        mlflow.log_metric("back", 1.0, step=5)
        mlflow.log_metric("back", 2.0, step=1)
        mlflow.log_input(data, context="training", tags={"months": "3"})
        mlflow.log_text("hello", "notes/what # now? 100%.txt")
        mlflow.set_tag("note", "long " * 300)
        log_model("model", INPUTS, input_example=INPUTS, registered_model_name="bike-demand")
        for alpha in range(2):
            with mlflow.start_run(run_name=f"child {alpha}", nested=True):
                mlflow.log_metric("rmse", alpha)
        return run.info.run_id


def more(first):
    client = MlflowClient()
    with mlflow.start_run(run_name="second") as run:
        log_model("tensors", numpy.asarray(INPUTS), registered_model_name="bike-demand")
    client.update_model_version("bike-demand", "2", description="Of numbers only.")
    client.update_registered_model("bike-demand", description="Rentals an hour")
    client.set_registered_model_tag("bike-demand", "task", "regression")
    client.set_model_version_tag("bike-demand", "2", "validated", "true")
    for alias, version in {"champion": "2", "challenger": "1", "first": "1"}.items():
        client.set_registered_model_alias("bike-demand", alias, version)
    client.create_registered_model("empty")
    client.create_model_version("copy", f"runs:/{first}/model", first) if client.create_registered_model(
        "copy"
    ) else None
    client.create_registered_model("gone")
    client.delete_registered_model("gone")
    version = client.create_model_version("empty", f"runs:/{first}/model", first)
    client.delete_model_version("empty", version.version)
    deleted = client.create_run(client.get_experiment_by_name("bike-demand").experiment_id, run_name="deleted")
    client.set_terminated(deleted.info.run_id, "FAILED")
    client.delete_run(deleted.info.run_id)
    client.create_run(client.get_experiment_by_name("bike-demand").experiment_id, run_name="still going")
    client.delete_experiment(client.create_experiment("old", tags={"a": "b"}))
    return run.info.run_id


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    more(track())
