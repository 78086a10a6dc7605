"""What an MLflow store holds, in MLflow's own words: https://mlflow.org/docs/latest/api_reference/python_api/mlflow.entities.html.

Times are in milliseconds since 1970. A thing that was deleted in MLflow, and can be restored, is there with `active` False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Experiment:
    """A named group of runs."""

    id: str
    name: str
    active: bool
    artifact_location: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric. It may be NaN or infinite."""

    step: int
    value: float
    timestamp: int


@dataclass(frozen=True, slots=True)
class DatasetInput:
    """A data set that a run names as its input. `source`, `schema` and `profile` are JSON as MLflow wrote it."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str
    profile: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `metrics` are the latest values, as the client's `run.data.metrics`; `history` holds all, by step.

    `status` is RUNNING, SCHEDULED, FINISHED, FAILED or KILLED. `model_ids` are the logged models that it put out; a
    store of MLflow 2 has none. A run can be hashed, by what it holds beside its mappings.
    """

    id: str
    name: str
    experiment_id: str
    status: str
    active: bool
    start: int | None
    end: int | None
    artifact_uri: str
    params: Mapping[str, str] = field(hash=False)
    metrics: Mapping[str, float] = field(hash=False)
    history: Mapping[str, tuple[Point, ...]] = field(hash=False)
    tags: Mapping[str, str] = field(hash=False)
    datasets: tuple[DatasetInput, ...] = field(hash=False)
    model_ids: tuple[str, ...]

    @property
    def parent(self) -> str | None:
        """The id of the run that this one is a child of."""
        return self.tags.get("mlflow.parentRunId")

    @property
    def commit(self) -> str | None:
        """The Git commit that MLflow noted when the run started."""
        return self.tags.get("mlflow.source.git.commit")


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model as MLflow 3 keeps it: a thing of its own, beside the run that made it. `status` is READY once it is whole."""

    id: str
    name: str
    experiment_id: str
    run_id: str | None
    status: str
    active: bool
    artifact_location: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    created: int


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version of a registered model. `source` is the address of the model that was registered.

    `stage` is `None`, a text, where none was set: stages are deprecated, aliases took their place.
    """

    name: str
    version: int
    run_id: str | None
    model_id: str | None
    source: str
    status: str
    stage: str
    description: str
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    created: int


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A name in the registry, its versions (the oldest first) and what its aliases stand for."""

    name: str
    description: str
    tags: Mapping[str, str]
    versions: tuple[ModelVersion, ...]
    aliases: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that one store holds. Runs and models are sorted by age, the rest by id or name."""

    experiments: tuple[Experiment, ...]
    runs: tuple[Run, ...]
    logged_models: tuple[LoggedModel, ...]
    registered_models: tuple[RegisteredModel, ...]
