"""What an MLflow store holds, in MLflow's own words: https://mlflow.org/docs/latest/api_reference/python_api/mlflow.entities.html.

Each kind of store makes plain documents with the names of MLflow's REST API, and `documents.convert` makes these of them.
Times are in milliseconds since 1970. A thing that was deleted in MLflow, and can be restored, is there with `active` False.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import field

_DELETED_VERSION = "Deleted_Internal"
"""The stage of a version that was deleted for good: MLflow shows it no more."""
_MODEL_STATUS = {0: "UNSPECIFIED", 1: "PENDING", 2: "READY", 3: "FAILED"}
_RUN_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_LOGGED = re.compile(r"models:/(m-[0-9a-f]{32})\Z")


class _Entity(msgspec.Struct, frozen=True, kw_only=True):
    lifecycle_stage: str = ""

    @property
    def active(self) -> bool:
        """Whether it was not deleted."""
        return self.lifecycle_stage in ("", "active")


class Experiment(_Entity, frozen=True, kw_only=True):
    """A named group of runs."""

    id: str = field(name="experiment_id")
    name: str = ""
    artifact_location: str = ""
    tags: Mapping[str, str] = {}


class Point(msgspec.Struct, frozen=True):
    """One value of a metric. It may be NaN or infinite."""

    step: int
    value: float
    timestamp: int


class DatasetInput(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that a run names as its input. `source`, `schema` and `profile` are JSON as MLflow wrote it."""

    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str = ""
    profile: str = ""
    tags: Mapping[str, str] = {}


class Run(_Entity, frozen=True, kw_only=True):
    """One run. `metrics` are the latest values, as the client's `run.data.metrics`; `history` holds all, by step.

    `status` is RUNNING, SCHEDULED, FINISHED, FAILED or KILLED. `model_ids` are the logged models that it put out; a
    store of MLflow 2 has none. A run can be hashed, by its id.
    """

    id: str = field(name="run_id")
    run_name: str = ""
    experiment_id: str = ""
    status: str = ""
    start: int | None = field(name="start_time", default=None)
    end: int | None = field(name="end_time", default=None)
    artifact_uri: str = ""
    params: Mapping[str, str] = {}
    metrics: Mapping[str, float] = {}
    history: Mapping[str, tuple[Point, ...]] = {}
    tags: Mapping[str, str] = {}
    datasets: tuple[DatasetInput, ...] = ()
    model_ids: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def name(self) -> str:
        """The name of the run, which an older MLflow kept in a tag."""
        return self.run_name or self.tags.get("mlflow.runName", "")

    @property
    def parent(self) -> str | None:
        """The id of the run that this one is a child of."""
        return self.tags.get("mlflow.parentRunId")

    @property
    def commit(self) -> str | None:
        """The Git commit that MLflow noted when the run started."""
        return self.tags.get("mlflow.source.git.commit")


class LoggedModel(_Entity, frozen=True, kw_only=True):
    """A model as MLflow 3 keeps it: a thing of its own, beside the run that made it. `status` is READY once it is whole."""

    id: str = field(name="model_id")
    name: str = ""
    experiment_id: str = ""
    run_id: str | None = field(name="source_run_id", default=None)
    status: str = "UNSPECIFIED"
    artifact_location: str = ""
    tags: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    created: int = field(name="creation_timestamp", default=0)


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a registered model. `source` is the address of the model that was registered.

    `stage` is `None`, a text, where none was set: stages are deprecated, aliases took their place.
    """

    name: str = ""
    version: int
    run_id: str | None = None
    model_id: str | None = None
    source: str = ""
    status: str = ""
    stage: str = field(name="current_stage", default="None")
    description: str = ""
    tags: Mapping[str, str] = {}
    aliases: tuple[str, ...] = ()
    created: int = field(name="creation_timestamp", default=0)


class RegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A name in the registry, its versions (the oldest first) and what its aliases stand for."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = {}
    versions: tuple[ModelVersion, ...] = ()
    aliases: Mapping[str, int] = {}


class Contents(msgspec.Struct, frozen=True):
    """Everything that one store holds. Runs and models are sorted by age, the rest by id or name."""

    experiments: tuple[Experiment, ...] = ()
    runs: tuple[Run, ...] = ()
    logged_models: tuple[LoggedModel, ...] = ()
    registered_models: tuple[RegisteredModel, ...] = ()


def contents_of(
    experiments: Iterable[Experiment],
    runs: Iterable[Run],
    models: Iterable[LoggedModel],
    registered: Iterable[RegisteredModel],
) -> Contents:
    """The contents of a store, sorted."""
    return Contents(
        tuple(sorted(experiments, key=lambda one: (len(one.id), one.id))),
        tuple(sorted(runs, key=lambda one: (one.start or 0, one.id))),
        tuple(sorted(models, key=lambda one: (one.created, one.id))),
        tuple(sorted(registered, key=lambda one: one.name)),
    )


def in_order(points: Iterable[Point]) -> tuple[Point, ...]:
    """The values of a metric, by step and time; the last one is what MLflow calls the latest."""

    def place(point: Point) -> tuple[int, int, bool, float]:
        is_nan = math.isnan(point.value)
        return point.step, point.timestamp, is_nan, 0.0 if is_nan else point.value

    return tuple(sorted(points, key=place))


def registered(model: RegisteredModel, versions: Iterable[ModelVersion]) -> RegisteredModel:
    """A registered model with those of its versions that MLflow shows, each with its aliases."""
    found = []
    for one in versions:
        if one.stage != _DELETED_VERSION:
            names = tuple(sorted(alias for alias, number in model.aliases.items() if number == one.version))
            model_id = one.model_id or _logged_model_id(one.source)
            found.append(msgspec.structs.replace(one, aliases=names, model_id=model_id, run_id=one.run_id or None))
    return msgspec.structs.replace(model, versions=tuple(sorted(found, key=lambda one: one.version)))


def run_status(code: int) -> str:
    """The name of a run's status: https://github.com/mlflow/mlflow/blob/master/mlflow/entities/run_status.py."""
    return _RUN_STATUS.get(code, str(code))


def model_status(code: int) -> str:
    """The name of a logged model's status: https://github.com/mlflow/mlflow/blob/master/mlflow/entities/logged_model_status.py."""
    return _MODEL_STATUS.get(code, str(code))


def _logged_model_id(source: str) -> str | None:
    """The id of the logged model that a version's source names, or None for an address of another kind."""
    match = _LOGGED.match(source)
    return match[1] if match else None
