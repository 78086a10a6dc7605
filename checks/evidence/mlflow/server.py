"""A tracking server, read through its REST API: https://mlflow.org/docs/latest/api_reference/rest-api.html."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from checks.evidence.mlflow import entities
from checks.evidence.mlflow.http import MissingError, Server
from checks.evidence.mlflow.order import contents_of, in_order, logged_model_id
from checks.expect import Unavailable

_PAGE = 1000
_MODELS_PAGE = 50
_VERSIONS_PAGE = 200


def read_server(server: Server) -> entities.Contents:
    """Everything on a server; of logged models and versions, those that are active.

    Raises Unavailable where the server does not answer, or not as MLflow's, Failure where it wants a password.
    """
    try:
        experiments = [
            _experiment(one)
            for one in server.pages("experiments/search", "experiments", {"view_type": "ALL", "max_results": _PAGE})
        ]
        ids = [experiment.id for experiment in experiments]
        runs = list(_runs(server, ids))
        return contents_of(experiments, runs, _logged_models(server, ids), _registered_models(server))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unavailable(
            f"the tracking server {server.place} answers in a way that these checks do not know: {error!r}"[:300]
        ) from None


def _experiment(one: Any) -> entities.Experiment:
    return entities.Experiment(
        str(one["experiment_id"]),
        _text(one, "name"),
        _text(one, "lifecycle_stage") == "active",
        _text(one, "artifact_location"),
        _pairs(one.get("tags")),
    )


def _runs(server: Server, experiments: list[str]) -> Iterator[entities.Run]:
    if not experiments:
        return
    body = {"experiment_ids": experiments, "run_view_type": "ALL", "max_results": _PAGE}
    for one in server.pages("runs/search", "runs", body):
        info, data = one["info"], one.get("data", {})
        run = _text(info, "run_id")
        metrics = {_text(metric, "key"): float(metric["value"]) for metric in data.get("metrics", [])}
        tags = _pairs(data.get("tags"))
        yield entities.Run(
            id=run,
            name=_text(info, "run_name") or tags.get("mlflow.runName", ""),
            experiment_id=str(info["experiment_id"]),
            status=_text(info, "status"),
            active=_text(info, "lifecycle_stage") == "active",
            start=_time(info, "start_time"),
            end=_time(info, "end_time"),
            artifact_uri=_text(info, "artifact_uri"),
            params=_pairs(data.get("params")),
            metrics=MappingProxyType(metrics),
            history=_History(server, run, tuple(metrics)),
            tags=tags,
            datasets=tuple(_dataset(given) for given in one.get("inputs", {}).get("dataset_inputs", [])),
            model_ids=tuple(_text(given, "model_id") for given in one.get("outputs", {}).get("model_outputs", [])),
        )


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
        for one in self._server.pages(path, "metrics", run_id=self._run, metric_key=name, max_results=25_000):
            try:
                yield entities.Point(int(one.get("step", 0)), float(one["value"]), int(one["timestamp"]))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                raise self._server.garbage(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _dataset(given: Any) -> entities.DatasetInput:
    data = given["dataset"]
    name, digest, kind, source, schema, profile = (
        _text(data, key) for key in ("name", "digest", "source_type", "source", "schema", "profile")
    )
    return entities.DatasetInput(name, digest, kind, source, schema, profile, _pairs(given.get("tags")))


def _logged_models(server: Server, experiments: list[str]) -> Iterator[entities.LoggedModel]:
    if not experiments:
        return
    body = {"experiment_ids": experiments, "max_results": _MODELS_PAGE}
    try:
        found = list(server.pages("logged-models/search", "models", body))
    except MissingError as error:
        if error.code == 404:  # a server of MLflow 2
            return
        raise
    for one in found:
        info = one["info"]
        yield entities.LoggedModel(
            id=_text(info, "model_id"),
            name=_text(info, "name"),
            experiment_id=str(info["experiment_id"]),
            run_id=_text(info, "source_run_id") or None,
            status=_text(info, "status").removeprefix("LOGGED_MODEL_").removeprefix("UPLOAD_"),
            active=True,
            artifact_location=_text(info, "artifact_uri"),
            tags=_pairs(info.get("tags")),
            params=_pairs(one.get("data", {}).get("params")),
            created=_time(info, "creation_timestamp_ms") or 0,
        )


def _registered_models(server: Server) -> Iterator[entities.RegisteredModel]:
    versions = list(server.pages("model-versions/search", "model_versions", max_results=_VERSIONS_PAGE))
    for one in server.pages("registered-models/search", "registered_models", max_results=_VERSIONS_PAGE):
        name = _text(one, "name")
        aliases = {_text(alias, "alias"): int(alias["version"]) for alias in one.get("aliases", [])}
        own = [_version(version, aliases) for version in versions if version["name"] == name]
        yield entities.RegisteredModel(
            name,
            _text(one, "description"),
            _pairs(one.get("tags")),
            tuple(sorted(own, key=lambda version: version.version)),
            MappingProxyType(aliases),
        )


def _version(one: Any, aliases: Mapping[str, int]) -> entities.ModelVersion:
    number, source = int(one["version"]), _text(one, "source")
    return entities.ModelVersion(
        name=_text(one, "name"),
        version=number,
        run_id=_text(one, "run_id") or None,
        model_id=_text(one, "model_id") or logged_model_id(source),
        source=source,
        status=_text(one, "status"),
        stage=_text(one, "current_stage") or "None",
        description=_text(one, "description"),
        tags=_pairs(one.get("tags")),
        aliases=tuple(sorted(alias for alias, of in aliases.items() if of == number)),
        created=_time(one, "creation_timestamp") or 0,
    )


def _pairs(items: Any) -> Mapping[str, str]:
    return MappingProxyType({_text(one, "key"): _text(one, "value") for one in items or []})


def _text(one: Any, key: str) -> str:
    value = one.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _time(one: Any, key: str) -> int | None:
    return int(one[key]) if key in one else None
