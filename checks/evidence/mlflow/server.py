"""A tracking server, read through its REST API: https://mlflow.org/docs/latest/api_reference/rest-api.html.

The routes of artifacts: https://github.com/mlflow/mlflow/blob/master/mlflow/server/__init__.py.
"""

from __future__ import annotations

import posixpath
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from checks.evidence.mlflow import entities
from checks.evidence.mlflow.artifacts import Artifacts, NoArtifacts, is_inside
from checks.evidence.mlflow.entities import LoggedModel, Run, contents_of, in_order
from checks.evidence.mlflow.http import MissingError, Server

_PAGE = 1000
_MODELS_PAGE = 50
_VERSIONS_PAGE = 200
_HISTORY_PAGE = 25_000


class _Pair(msgspec.Struct):
    key: str
    value: str = ""


class _Metric(msgspec.Struct):
    key: str
    value: float
    timestamp: int = 0
    step: int = 0


class _Data(msgspec.Struct):
    params: list[_Pair] = []
    tags: list[_Pair] = []
    metrics: list[_Metric] = []


class _Dataset(msgspec.Struct):
    dataset: dict[str, Any]
    tags: list[_Pair] = []


class _Inputs(msgspec.Struct):
    dataset_inputs: list[_Dataset] = []


class _Output(msgspec.Struct):
    model_id: str


class _Outputs(msgspec.Struct):
    model_outputs: list[_Output] = []


class _Run(msgspec.Struct):
    info: dict[str, Any]
    data: _Data = msgspec.field(default_factory=_Data)
    inputs: _Inputs = msgspec.field(default_factory=_Inputs)
    outputs: _Outputs = msgspec.field(default_factory=_Outputs)


class _Alias(msgspec.Struct):
    alias: str
    version: int


class _Tagged(msgspec.Struct):
    tags: list[_Pair] = []


class _Registered(_Tagged):
    aliases: list[_Alias] = []


def read_server(server: Server) -> entities.Contents:
    """Everything on a server; of logged models and versions, those that are active.

    Raises Unavailable where the server does not answer, or not as MLflow's, Malformed where it wants a password.
    """
    experiments = list(_experiments(server))
    ids = [experiment.id for experiment in experiments]
    return contents_of(
        experiments,
        _runs(server, ids) if ids else (),
        _logged_models(server, ids) if ids else (),
        _registered_models(server),
    )


def _experiments(server: Server) -> Iterator[entities.Experiment]:
    path = "experiments/search"
    for one in server.pages(path, "experiments", {"view_type": "ALL", "max_results": _PAGE}):
        yield server.convert(one | {"tags": _tags(server, one, path)}, entities.Experiment, path)


def _runs(server: Server, experiments: list[str]) -> Iterator[entities.Run]:
    path = "runs/search"
    body = {"experiment_ids": experiments, "run_view_type": "ALL", "max_results": _PAGE}
    for one in server.pages(path, "runs", body):
        answer = server.convert(one, _Run, path)
        metrics = {metric.key: metric.value for metric in answer.data.metrics}
        more = {
            "params": _mapping(answer.data.params),
            "tags": _mapping(answer.data.tags),
            "metrics": metrics,
            "datasets": [given.dataset | {"tags": _mapping(given.tags)} for given in answer.inputs.dataset_inputs],
            "model_ids": [output.model_id for output in answer.outputs.model_outputs],
        }
        run = server.convert(answer.info | more, entities.Run, path)
        yield msgspec.structs.replace(run, history=_History(server, run.id, tuple(metrics)))


class _History(Mapping[str, tuple[entities.Point, ...]]):
    """The values of a run's metrics, each asked for when it is looked at: the API has a request a metric."""

    def __init__(self, server: Server, run: str, names: tuple[str, ...]) -> None:
        self._server, self._run, self._names = server, run, names
        self._known: dict[str, tuple[entities.Point, ...]] = {}

    def __getitem__(self, name: str) -> tuple[entities.Point, ...]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._known:
            self._known[name] = in_order(self._ask(name))
        return self._known[name]

    def _ask(self, name: str) -> Iterator[entities.Point]:
        path = "metrics/get-history"
        for one in self._server.pages(path, "metrics", run_id=self._run, metric_key=name, max_results=_HISTORY_PAGE):
            metric = self._server.convert(one, _Metric, path)
            yield entities.Point(metric.step, metric.value, metric.timestamp)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _logged_models(server: Server, experiments: list[str]) -> Iterator[entities.LoggedModel]:
    path = "logged-models/search"
    try:
        found = list(server.pages(path, "models", {"experiment_ids": experiments, "max_results": _MODELS_PAGE}))
    except MissingError as error:
        if error.code == 404:  # a server of MLflow 2
            return
        raise
    for one in found:
        answer = server.convert(one, _Run, path)
        info = answer.info
        more = {
            "status": str(info.get("status", "")).removeprefix("LOGGED_MODEL_").removeprefix("UPLOAD_"),
            "artifact_location": info.get("artifact_uri", ""),
            "creation_timestamp": info.get("creation_timestamp_ms", 0),
            "tags": _tags(server, info, path),
            "params": _mapping(answer.data.params),
        }
        yield server.convert(info | more, entities.LoggedModel, path)


def _registered_models(server: Server) -> Iterator[entities.RegisteredModel]:
    path = "model-versions/search"
    versions = [
        server.convert(one | {"tags": _tags(server, one, path), "aliases": []}, entities.ModelVersion, path)
        for one in server.pages(path, "model_versions", max_results=_VERSIONS_PAGE)
    ]
    path = "registered-models/search"
    for one in server.pages(path, "registered_models", max_results=_VERSIONS_PAGE):
        answer = server.convert(one, _Registered, path)
        aliases = {alias.alias: alias.version for alias in answer.aliases}
        document = one | {"tags": _mapping(answer.tags), "aliases": aliases}
        model = server.convert(document, entities.RegisteredModel, path)
        yield entities.registered(model, (version for version in versions if version.name == model.name))


def _tags(server: Server, one: dict[str, Any], path: str) -> dict[str, str]:
    return _mapping(server.convert(one, _Tagged, path).tags)


def _mapping(pairs: Iterable[_Pair]) -> dict[str, str]:
    return {pair.key: pair.value for pair in pairs}


class _Entry(msgspec.Struct):
    path: str
    is_dir: bool = False
    file_size: int = 0


class ServedArtifacts(Artifacts):
    """The artifacts of a run or of a logged model on a server, or those in one of their folders."""

    def __init__(self, server: Server, owner: Run | LoggedModel, base: str = "") -> None:
        self._server, self._owner, self._base = server, owner, base
        self.folder = f"{server.place}/{owner.id}/{base}".rstrip("/")

    def _list(self, folder: str) -> list[tuple[str, int | None]]:
        at = posixpath.join(self._base, folder).rstrip("/")
        if isinstance(self._owner, Run):
            path, query = "artifacts/list", {"run_id": self._owner.id} | ({"path": at} if at else {})
        else:
            path = f"logged-models/{self._model}/artifacts/directories"
            query = {"artifact_directory_path": at} if at else {}
        found: list[tuple[str, int | None]] = []
        for one in self._server.pages(path, "files", None, **query):
            entry = self._server.convert(one, _Entry, path)
            if not is_inside(entry.path) or posixpath.dirname(entry.path) != at:
                raise self._server.garbage(path, "a path that is not in this folder")
            found.append((posixpath.basename(entry.path), None if entry.is_dir else entry.file_size))
        return found

    def _read(self, path: str, limit: int) -> bytes:
        at = posixpath.join(self._base, path)
        if isinstance(self._owner, Run):
            return self._server.file("/get-artifact", limit, run_uuid=self._owner.id, path=at)
        files = f"/ajax-api/2.0/mlflow/logged-models/{self._model}/artifacts/files"
        return self._server.file(files, limit, artifact_file_path=at)

    @property
    def _model(self) -> str:
        return urllib.parse.quote(self._owner.id, safe="")


class ServedPlaces:
    """Finds artifacts on a server."""

    def __init__(self, server: Server, runs: Iterable[Run]) -> None:
        self._server, self._runs = server, runs

    def of_model(self, model: LoggedModel) -> Artifacts:
        """The files of a logged model."""
        return ServedArtifacts(self._server, model)

    def at(self, address: str) -> Artifacts:
        """The files at an address: a folder of the run whose artifacts are there."""
        for run in self._runs:
            base = run.artifact_uri.rstrip("/")
            if base and address.startswith(f"{base}/"):
                return self.of_run(run, address.removeprefix(f"{base}/"))
        return NoArtifacts(address)

    def of_run(self, run: Run, path: str = "") -> Artifacts:
        """The artifacts of a run, or those in one of their folders."""
        if path and not is_inside(path):
            return NoArtifacts(path)
        return ServedArtifacts(self._server, run, path.strip("/"))
