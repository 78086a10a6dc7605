"""Register the models of the two best runs of the grid as versions of `bike-demand`, described and validated."""

import json
from pathlib import Path

import mlflow

NAME = "bike-demand"

best = json.loads(Path("best_run.json").read_text(encoding="utf-8"))
client = mlflow.MlflowClient()
parent = client.get_run(best["run_id"]).data.tags["mlflow.parentRunId"]
experiment = client.get_experiment_by_name("bike-demand").experiment_id
grid = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'", order_by=["metrics.rmse ASC"])

for place, run in enumerate(grid[:2], start=1):
    model = run.outputs.model_outputs[0].model_id
    version = mlflow.register_model(f"models:/{model}", NAME).version
    about = ", ".join(f"{name}={value}" for name, value in sorted(run.data.params.items()))
    rmse = run.data.metrics["rmse"]
    client.update_model_version(
        NAME, version, f"Number {place} of the grid: {about}. Error {rmse:.2f} rentals an hour."
    )
    client.set_model_version_tag(NAME, version, "validated", "true")
    print(f"version {version}: {about}, rmse {rmse:.2f}")
