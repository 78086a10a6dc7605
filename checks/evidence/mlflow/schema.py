"""The tables of MLflow's SQL store that are read, and the versions of its schema that are known.

Source: https://github.com/mlflow/mlflow/tree/master/mlflow/store/db_migrations/versions (the chain of revisions) and
https://github.com/mlflow/mlflow/blob/master/mlflow/store/tracking/dbmodels/models.py.
"""

from __future__ import annotations

REVISIONS: dict[str, str] = {
    "97727af70f4d": "creation time last update time experiments",
    "3500859a5d39": "add model aliases table",
    "7f2a7d5fae7d": "add datasets inputs input tags tables",
    "2d6e25af4d3e": "increase max param val length",
    "acf3f17fdcc7": "add storage location field to model ",
    "867495a8f9d4": "add trace tables",
    "5b0e9adcef9c": "add cascade deletion to trace tables fk",
    "4465047574b1": "increase max dataset schema size",
    "f5a4f2784254": "increase run tag value limit",
    "0584bdc529eb": "add cascading deletion to datasets from experiments",
    "400f98739977": "add logged model tables",
    "6953534de441": "add step to inputs table",
    "bda7b8c39065": "increase model version tag value limit",
    "cbc13b556ace": "add v3 trace schema columns",
    "770bee3ae1dd": "add assessments table",
    "a1b2c3d4e5f6": "add spans table",
    "de4033877273": "create entity associations",
    "1a0cddfcaa16": "add webhooks and webhook events tables",
    "534353b11cbc": "add scorer table",
    "71994744cf8e": "add evaluation datasets",
    "3da73c924c2f": "add outputs to dataset record",
    "bf29a5ff90ea": "add jobs table",
    "1bd49d398cd23": "add secrets tables",
    "b7c8d9e0f1a2": "add trace metrics table",
    "5d2d30f0abce": "update job table",
    "c9d4e5f6a7b8": "add routing strategy to endpoints",
    "2c33131f4dae": "add online scoring configs table",
    "d3e4f5a6b7c8": "add display name to endpoint bindings",
    "d0e1f2a3b4c5": "add experiment id to endpoints",
    "c8d9e0f1a2b3": "add span metrics and dimension attributes",
    "1b5f0d9ad7c1": "add workspace columns and catalog",
    "e1f2a3b4c5d6": "add budget policies table",
    "76601a5f987d": "add issues table",
    "c3d6457b6d8a": "add status details column to jobs table",
    "a5b4c3d2e1f0": "add metrics run key step index",
    "ae8bbe7743c9": "add guardrails tables",
    "7d34483879f0": "add model version tags workspace index",
    "da6fb0208061": "add workspaces trace archival location",
    "89d3d66ed43f": "add label schemas table",
    "b7e4c1a90f23": "add review queue tables",
    "a8b9c0d1e2f3": "add mcp server registry tables",
    "c1d2e3f4a5b6": "add span experiment start time index",
    "c3d9e7f1a2b4": "add target value to budget policies",
    "6f8d9c3b2a1e": "add experiment fk cascades",
    "1971f2d9a75b": "add trace archival candidate index",
    "17e22815139b": "increase experiment tag value limit",
    "b7e2c1a4d9f3": "add jobs creator",
    "75868b020152": "add sql trace analytics schema",
    "dc11669786a5": "add job executor persistence model",
    "e7d1f4b2a9c6": "add skill registry tables",
    "8b6ad64cb8f5": "extend issue contract",
    "f4a9b2c7d1e6": "make mcp versions case sensitive",
}
"""Revisions of the schema, from MLflow 2.0 on, and what each brought. The columns that are read mean the same in all."""

NEEDED = {
    "experiments": "experiment_id name artifact_location lifecycle_stage",
    "experiment_tags": "experiment_id key value",
    "runs": "run_uuid name experiment_id status lifecycle_stage start_time end_time artifact_uri",
    "params": "run_uuid key value",
    "metrics": "run_uuid key step value is_nan timestamp",
    "latest_metrics": "run_uuid key value is_nan",
    "tags": "run_uuid key value",
    "registered_models": "name description",
    "registered_model_tags": "name key value",
    "model_versions": "name version run_id source status current_stage description creation_time",
    "model_version_tags": "name version key value",
}
"""Tables that every store has, with the columns that are read."""

LATER = {
    "registered_model_aliases": "name alias version",
    "datasets": "dataset_uuid name digest dataset_source_type dataset_source dataset_schema dataset_profile",
    "inputs": "input_uuid source_type source_id destination_type destination_id",
    "input_tags": "input_uuid name value",
    "logged_models": "model_id name experiment_id source_run_id status lifecycle_stage artifact_location"
    " creation_timestamp_ms",
    "logged_model_params": "model_id param_key param_value",
    "logged_model_tags": "model_id tag_key tag_value",
}
"""Tables that came with MLflow 2.3 (aliases), 2.4 (data sets) and 3.0 (logged models)."""
