"""From the rows of an MLflow store in SQLite to what they stand for.

The columns mean what https://github.com/mlflow/mlflow/blob/master/mlflow/store/tracking/dbmodels/models.py and
`mlflow/store/model_registry/dbmodels/models.py` say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from checks.evidence.documents import convert
from checks.evidence.files import Files
from checks.evidence.mlflow import entities
from checks.evidence.mlflow.entities import contents_of, in_order, model_status
from checks.evidence.mlflow.sqlite import Database, open_database

T = TypeVar("T")

_EXPERIMENT = "experiment_id name artifact_location lifecycle_stage"
_RUN = "run_uuid:run_id name:run_name experiment_id status lifecycle_stage start_time end_time artifact_uri"
_DATASET = (
    "dataset_uuid name digest dataset_source_type:source_type dataset_source:source dataset_schema:schema"
    " dataset_profile:profile"
)
_LOGGED_MODEL = (
    "model_id name experiment_id source_run_id status lifecycle_stage artifact_location"
    " creation_timestamp_ms:creation_timestamp"
)
_VERSION = "name version run_id source status current_stage description creation_time:creation_timestamp"


class _Metric(NamedTuple):
    run_uuid: str
    key: str
    value: float | None
    is_nan: int | None


class _Point(NamedTuple):
    run_uuid: str
    key: str
    value: float | None
    is_nan: int | None
    step: int
    timestamp: int


class _Link(NamedTuple):
    input_uuid: str
    source_type: str
    source_id: str
    destination_type: str
    destination_id: str


class _Alias(NamedTuple):
    name: str
    alias: str
    version: int


class _VersionTag(NamedTuple):
    name: str
    version: int
    key: str
    value: str | None


class _Text(NamedTuple):
    owner: str
    key: str
    value: str | None


def read_sqlite_store(files: Files, path: str) -> entities.Contents:
    """Everything in a store in SQLite. Raises Malformed and Unavailable like `open_database`."""
    with open_database(files, path) as database:
        store = _Tables(database, path)
        return contents_of(store.experiments(), store.runs(), store.logged_models(), store.registered_models())


class _Tables:
    def __init__(self, database: Database, path: str) -> None:
        self._database, self._path = database, path

    def experiments(self) -> Iterator[entities.Experiment]:
        tags = self._texts("experiment_tags", "experiment_id key value")
        for row in self._database.documents("experiments", _EXPERIMENT):
            yield convert(
                row | {"tags": tags[row.get("experiment_id", "")]}, entities.Experiment, f"{self._path}, experiments"
            )

    def runs(self) -> Iterator[entities.Run]:
        params, tags = (self._texts(table, "run_uuid key value") for table in ("params", "tags"))
        metrics: dict[str, dict[str, float]] = defaultdict(dict)
        for metric in self._rows("latest_metrics", _Metric):
            metrics[metric.run_uuid][metric.key] = _number(metric)
        history = self._history()
        links = self._rows("inputs", _Link)
        datasets, models = self._datasets(links), defaultdict[str, list[str]](list)
        for _, kind, run, target, model in links:
            if (kind, target) == ("RUN_OUTPUT", "MODEL_OUTPUT"):
                models[run].append(model)
        for row in self._database.documents("runs", _RUN):
            run = row.get("run_id", "")
            more = {"params": params, "tags": tags, "metrics": metrics, "history": history, "model_ids": models}
            document = row | {"datasets": datasets[run]} | {name: of[run] for name, of in more.items()}
            yield convert(document, entities.Run, f"{self._path}, runs")

    def _history(self) -> Mapping[str, dict[str, tuple[entities.Point, ...]]]:
        points: dict[str, dict[str, list[entities.Point]]] = defaultdict(lambda: defaultdict(list))
        for row in self._rows("metrics", _Point):
            points[row.run_uuid][row.key].append(entities.Point(row.step, _number(row), row.timestamp))
        found: dict[str, dict[str, tuple[entities.Point, ...]]] = defaultdict(dict)
        for run, metrics in points.items():
            found[run] = {key: in_order(values) for key, values in metrics.items()}
        return found

    def _datasets(self, links: Iterable[_Link]) -> Mapping[str, list[dict[str, Any]]]:
        tags = self._texts("input_tags", "input_uuid name value")
        known = {row.get("dataset_uuid"): row for row in self._database.documents("datasets", _DATASET)}
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for link, kind, source, target, run in links:
            if (kind, target) == ("DATASET", "RUN") and source in known:
                found[run].append(known[source] | {"tags": tags[link]})
        return found

    def logged_models(self) -> Iterator[entities.LoggedModel]:
        params = self._texts("logged_model_params", "model_id param_key param_value")
        tags = self._texts("logged_model_tags", "model_id tag_key tag_value")
        for row in self._database.documents("logged_models", _LOGGED_MODEL):
            where = f"{self._path}, logged_models"
            row["status"] = model_status(convert(row.get("status", 0), int, where))
            document = row | {"params": params[row.get("model_id", "")], "tags": tags[row.get("model_id", "")]}
            yield convert(document, entities.LoggedModel, where)

    def registered_models(self) -> Iterator[entities.RegisteredModel]:
        aliases: dict[str, dict[str, int]] = defaultdict(dict)
        for name, alias, number in self._rows("registered_model_aliases", _Alias):
            aliases[name][alias] = number
        version_tags: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
        for name, number, key, value in self._rows("model_version_tags", _VersionTag):
            version_tags[name, number][key] = value or ""
        versions: dict[str, list[entities.ModelVersion]] = defaultdict(list)
        for row in self._database.documents("model_versions", _VERSION):
            tagged = row | {"tags": version_tags[row.get("name", ""), row.get("version", 0)]}
            version = convert(tagged, entities.ModelVersion, f"{self._path}, model_versions")
            versions[version.name].append(version)
        tags = self._texts("registered_model_tags", "name key value")
        for row in self._database.documents("registered_models", "name description"):
            name = row.get("name", "")
            document = row | {"tags": tags[name], "aliases": aliases[name]}
            model = convert(document, entities.RegisteredModel, f"{self._path}, registered_models")
            yield entities.registered(model, versions[name])

    def _rows(self, table: str, model: type[T], columns: str = "") -> list[T]:
        """The rows of a table. Its columns are called as the fields of the model, or as `columns` says."""
        rows = self._database.rows(table, columns.split() or list(model.__annotations__))
        return convert(rows, list[model], f"{self._path}, {table}")  # type: ignore[valid-type]

    def _texts(self, table: str, columns: str) -> Mapping[str, dict[str, str]]:
        """The rows (owner, key, value) as one mapping for each owner."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for owner, key, value in self._rows(table, _Text, columns):
            found[owner][key] = value or ""
        return found


def _number(metric: _Metric | _Point) -> float:
    """A metric's value: SQLite has no NaN, MLflow notes it beside the value."""
    return math.nan if metric.is_nan or metric.value is None else metric.value
