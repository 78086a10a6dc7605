"""What our reader says of a store, in the form of `stores/oracle.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from checks.evidence.mlflow.tracking import Tracking


def as_json(tracking: Tracking) -> dict[str, Any]:
    """Everything, but a version's `model_id`, which MLflow's SQL store does not tell, and deleted logged models."""
    experiments = {one.id for one in tracking.experiments}
    found: dict[str, Any] = {
        "experiments": [_plain(one) for one in tracking.experiments],
        "runs": [_plain(one) for one in tracking.runs if one.experiment_id in experiments],
        "logged_models": [_plain(one) for one in tracking.logged_models if one.active],
        "registered_models": [_plain(one) for one in tracking.registered_models],
    }
    for run in found["runs"]:
        run["history"] = {
            key: sorted([point["step"], point["value"], point["timestamp"]] for point in points)
            for key, points in run["history"].items()
        }
        run["datasets"].sort(key=lambda one: one["name"])
        run["model_ids"].sort()
    for model in found["logged_models"]:
        del model["active"]
    for model in found["registered_models"]:
        for version in model["versions"]:
            del version["model_id"]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        found = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        if found.pop("lifecycle_stage", None) is not None:
            found["active"] = value.active  # type: ignore[attr-defined]
        if found.pop("run_name", None) is not None:
            found["name"] = value.name  # type: ignore[attr-defined]
        return found
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return repr(value) if isinstance(value, float) else value
