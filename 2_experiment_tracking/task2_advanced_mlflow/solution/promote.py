"""Move aliases of the registered model: `python promote.py champion=1 challenger=2`. To roll back, move one back."""

import sys

import mlflow

NAME = "bike-demand"

client = mlflow.MlflowClient()
for argument in sys.argv[1:]:
    alias, version = argument.split("=")
    client.set_registered_model_alias(NAME, alias, version)
    print(f"models:/{NAME}@{alias} is version {client.get_model_version_by_alias(NAME, alias).version}")
