"""What a learner tracked with MLflow: one store, whichever kind it is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from checks.evidence.mlflow.artifacts import Artifacts
from checks.evidence.mlflow.entities import (
    Contents,
    Experiment,
    LoggedModel,
    ModelVersion,
    RegisteredModel,
    Run,
)
from checks.evidence.mlflow.mlmodel import MLMODEL, Model, read_model
from checks.evidence.mlflow.places import Places

_COPIES = 10
"""Versions that were copied from one another."""


class Tracking:
    """One store: experiments and runs, logged models, the registry.

    `place` is how the learner knows it: `mlflow.db`, `mlruns`, `http://127.0.0.1:5000`. The tuples hold everything,
    what was deleted in MLflow too. Where nothing was tracked, `exists` is False: then they are empty, and `place` says
    where a store would be.
    """

    def __init__(self, place: str, contents: Contents, places: Places, *, exists: bool = True) -> None:
        self.place, self.exists = place, exists
        self.experiments = contents.experiments
        self.runs = contents.runs
        self.logged_models = contents.logged_models
        self.registered_models = contents.registered_models
        self._places = places
        self._artifacts: dict[str, Artifacts] = {}
        self._models: dict[str, tuple[Model, ...]] = {}
        self._read: dict[str, Model | None] = {}

    def experiment(self, name: str) -> Experiment | None:
        """The active experiment of this name."""
        return next((one for one in self.experiments if one.name == name and one.active), None)

    def runs_of(self, experiment: Experiment) -> tuple[Run, ...]:
        """The active runs of an experiment, by their start."""
        return tuple(run for run in self.runs if run.experiment_id == experiment.id and run.active)

    def run(self, id: str) -> Run | None:  # noqa: A002 - MLflow's own word
        """The run of this id."""
        return self._runs.get(id)

    @cached_property
    def _runs(self) -> dict[str, Run]:
        return {run.id: run for run in self.runs}

    @cached_property
    def _logged(self) -> dict[str, LoggedModel]:
        return {model.id: model for model in self.logged_models}

    def registered_model(self, name: str) -> RegisteredModel | None:
        """The registered model of this name."""
        return next((model for model in self.registered_models if model.name == name), None)

    def artifacts(self, run: Run) -> Artifacts:
        """The artifacts of a run, found in the submission."""
        if run.id not in self._artifacts:
            self._artifacts[run.id] = self._places.of_run(run)
        return self._artifacts[run.id]

    def models(self, run: Run) -> tuple[Model, ...]:
        """Every model that this run logged: as MLflow 3 does, and as MLflow 2 did, among the run's artifacts.

        Raises Malformed where an MLmodel is.
        """
        if run.id not in self._models:
            self._models[run.id] = tuple(self._models_of(run))
        return self._models[run.id]

    def _models_of(self, run: Run) -> Iterator[Model]:
        for logged in self.logged_models:
            if logged.active and (logged.run_id == run.id or logged.id in run.model_ids):
                model = self._model_in(self._places.of_model(logged))
                if model is not None:
                    yield model
        for path in self.artifacts(run).paths():
            if posixpath.basename(path) == MLMODEL:
                model = self._model_in(self._places.of_run(run, posixpath.dirname(path)))
                if model is not None:
                    yield model

    def model_of(self, version: ModelVersion) -> Model | None:
        """The model that a version stands for, or None where it can't be found. Raises Malformed like `models`."""
        for _ in range(_COPIES):
            source = version.source
            if version.model_id in self._logged:
                return self._model_in(self._places.of_model(self._logged[version.model_id]))
            scheme, _, rest = source.partition(":/")
            head, _, tail = rest.strip("/").partition("/")
            if scheme == "runs":
                run = self._runs.get(head)
                return None if run is None else self._model_at(run, tail)
            if scheme != "models":
                return self._model_in(self._places.at(source))
            original = self.registered_model(head)
            found = original and next((one for one in original.versions if str(one.version) == tail), None)
            if not found:
                return None
            version = found
        return None

    def _model_in(self, artifacts: Artifacts) -> Model | None:
        """The model in a folder, read once: what a run logged and what was registered are the same then."""
        if artifacts.folder not in self._read:
            self._read[artifacts.folder] = read_model(artifacts)
        return self._read[artifacts.folder]

    def _model_at(self, run: Run, name: str) -> Model | None:
        """The model of a run by its name: the folder of MLflow 2, or the logged model of MLflow 3."""
        for logged in self.logged_models:
            if logged.run_id == run.id and logged.name == name and logged.active:
                return self._model_in(self._places.of_model(logged))
        return self._model_in(self._places.of_run(run, name))
