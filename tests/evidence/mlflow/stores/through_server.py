"""One run whose artifacts go through a tracking server: python through_server.py ADDRESS."""

import sys

import mlflow

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("served")
with mlflow.start_run(run_name="served"):
    mlflow.log_metric("rmse", 1.0)
    mlflow.log_text("hello", "notes/deep er/hi.txt")
