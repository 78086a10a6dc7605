"""What MLflow's own client says of everything in a store, as JSON: python oracle.py TRACKING_URI."""

import json
import sys

from mlflow import MlflowClient
from mlflow.entities import ViewType


def _pages(search, **arguments):
    token = None
    while True:
        page = search(page_token=token, **arguments)
        yield from page
        token = page.token
        if not token:
            return


def _number(value):
    return repr(float(value))


def _run(client, run):
    return {
        "id": run.info.run_id,
        "name": run.info.run_name,
        "experiment_id": run.info.experiment_id,
        "status": run.info.status,
        "active": run.info.lifecycle_stage == "active",
        "start": run.info.start_time,
        "end": run.info.end_time,
        "artifact_uri": run.info.artifact_uri,
        "params": run.data.params,
        "metrics": {key: _number(value) for key, value in run.data.metrics.items()},
        "history": {
            key: sorted(
                [m.step, _number(m.value), m.timestamp] for m in client.get_metric_history(run.info.run_id, key)
            )
            for key in run.data.metrics
        },
        "tags": run.data.tags,
        "datasets": sorted(
            (
                {
                    "name": one.dataset.name,
                    "digest": one.dataset.digest,
                    "source_type": one.dataset.source_type,
                    "source": one.dataset.source,
                    "schema": one.dataset.schema or "",
                    "profile": one.dataset.profile or "",
                    "tags": {tag.key: tag.value for tag in one.tags},
                }
                for one in run.inputs.dataset_inputs
            ),
            key=lambda one: one["name"],
        ),
        "model_ids": sorted(one.model_id for one in getattr(getattr(run, "outputs", None), "model_outputs", ())),
    }


def _logged(model):
    return {
        "id": model.model_id,
        "name": model.name,
        "experiment_id": model.experiment_id,
        "run_id": model.source_run_id,
        "status": str(model.status),
        "artifact_location": model.artifact_location,
        "tags": model.tags,
        "params": model.params,
        "created": model.creation_timestamp,
    }


def _version(client, version):
    version = client.get_model_version(version.name, version.version)
    return {
        "name": version.name,
        "version": int(version.version),
        "run_id": version.run_id or None,
        "source": version.source,
        "status": version.status,
        "stage": version.current_stage,
        "description": version.description or "",
        "tags": version.tags,
        "aliases": sorted(version.aliases),
        "created": version.creation_timestamp,
    }


def _registered(client, model):
    model = client.get_registered_model(model.name)
    versions = [_version(client, one) for one in client.search_model_versions(f"name='{model.name}'")]
    for alias, version in model.aliases.items():
        assert int(client.get_model_version_by_alias(model.name, alias).version) == int(version)
    return {
        "name": model.name,
        "description": model.description or "",
        "tags": model.tags,
        "versions": sorted(versions, key=lambda one: one["version"]),
        "aliases": {alias: int(version) for alias, version in model.aliases.items()},
    }


def everything(uri):
    client = MlflowClient(uri)
    experiments = list(_pages(client.search_experiments, view_type=ViewType.ALL))
    ids = [one.experiment_id for one in experiments]
    runs = list(_pages(client.search_runs, experiment_ids=ids, run_view_type=ViewType.ALL))
    models = (
        list(_pages(client.search_logged_models, experiment_ids=ids)) if hasattr(client, "search_logged_models") else []
    )
    return {
        "experiments": [
            {
                "id": one.experiment_id,
                "name": one.name,
                "active": one.lifecycle_stage == "active",
                "artifact_location": one.artifact_location,
                "tags": one.tags,
            }
            for one in sorted(experiments, key=lambda one: int(one.experiment_id))
        ],
        "runs": sorted((_run(client, run) for run in runs), key=lambda run: (run["start"], run["id"])),
        "logged_models": sorted(map(_logged, models), key=lambda model: (model["created"], model["id"])),
        "registered_models": sorted(
            (_registered(client, one) for one in _pages(client.search_registered_models)), key=lambda one: one["name"]
        ),
    }


if __name__ == "__main__":
    json.dump(everything(sys.argv[1]), sys.stdout, indent=1, sort_keys=True)
