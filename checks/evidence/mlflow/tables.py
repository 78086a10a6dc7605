"""From the rows of an MLflow store in SQLite to what they stand for.

The columns mean what https://github.com/mlflow/mlflow/blob/master/mlflow/store/tracking/dbmodels/models.py and
`mlflow/store/model_registry/dbmodels/models.py` say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from checks.evidence.mlflow import entities
from checks.evidence.mlflow.order import DELETED_VERSION, contents_of, in_order, logged_model_id, model_status
from checks.evidence.mlflow.sqlite import Rows, Tables
from checks.expect import Failure

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class _WrongTypeError(ValueError):
    """A value of another type than MLflow writes: SQLite stores anything in any column."""


def contents(tables: Tables, where: str) -> entities.Contents:
    """Everything that the tables hold. Raises Failure where a value has the wrong type."""
    try:
        return contents_of(_experiments(tables), _runs(tables), _logged_models(tables), _registered_models(tables))
    except _WrongTypeError as error:
        raise Failure(
            looked_at=where,
            expected="a store as MLflow writes it",
            found=str(error),
            fix=f"(move {where} away and run your experiments again)",
        ) from None


def _experiments(tables: Tables) -> tuple[entities.Experiment, ...]:
    tags = _texts_by(tables["experiment_tags"], _number)
    found = [
        entities.Experiment(
            str(number), _text(name), _text(stage) == "active", _text(location), tags.get(number, _NOTHING)
        )
        for number, name, location, stage in tables["experiments"]
        if _number(number) is not None
    ]
    return tuple(found)


def _runs(tables: Tables) -> tuple[entities.Run, ...]:
    params, tags = _texts_by(tables["params"], _text), _texts_by(tables["tags"], _text)
    metrics: dict[str, dict[str, float]] = defaultdict(dict)
    for run, key, value, is_nan in tables["latest_metrics"]:
        metrics[_text(run)][_text(key)] = _value(value, is_nan)
    history = _history(tables["metrics"])
    datasets, outputs = _datasets(tables), _outputs(tables["inputs"])
    runs = [
        entities.Run(
            id=_text(run),
            name=_text(name) or tags.get(run, _NOTHING).get("mlflow.runName", ""),
            experiment_id=str(_number(experiment)),
            status=_text(status),
            active=_text(stage) == "active",
            start=_time(start),
            end=_time(end),
            artifact_uri=_text(uri),
            params=params.get(run, _NOTHING),
            metrics=MappingProxyType(metrics.get(run, {})),
            history=history.get(run, _NOTHING),
            tags=tags.get(run, _NOTHING),
            datasets=tuple(datasets.get(run, ())),
            model_ids=tuple(outputs.get(run, ())),
        )
        for run, name, experiment, status, stage, start, end, uri in tables["runs"]
    ]
    return tuple(runs)


def _history(rows: Rows) -> dict[str, Mapping[str, tuple[entities.Point, ...]]]:
    points: dict[str, dict[str, list[entities.Point]]] = defaultdict(lambda: defaultdict(list))
    for run, key, step, value, is_nan, timestamp in rows:
        points[_text(run)][_text(key)].append(entities.Point(_number(step), _value(value, is_nan), _number(timestamp)))
    return {
        run: MappingProxyType({key: in_order(found) for key, found in metrics.items()})
        for run, metrics in points.items()
    }


def _datasets(tables: Tables) -> dict[str, list[entities.DatasetInput]]:
    tags = _texts_by(tables["input_tags"], _text)
    known = {_text(row[0]): [_text(value) for value in row[1:]] for row in tables["datasets"]}
    found: dict[str, list[entities.DatasetInput]] = defaultdict(list)
    for link, kind, source, target, run in tables["inputs"]:
        if (kind, target) == ("DATASET", "RUN") and _text(source) in known:
            found[_text(run)].append(_dataset(known[source], tags.get(_text(link), _NOTHING)))
    return found


def _dataset(columns: list[str], tags: Mapping[str, str]) -> entities.DatasetInput:
    name, digest, source_type, source, schema, profile = columns
    return entities.DatasetInput(name, digest, source_type, source, schema, profile, tags)


def _outputs(rows: Rows) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for _, kind, run, target, model in rows:
        if (kind, target) == ("RUN_OUTPUT", "MODEL_OUTPUT"):
            found[_text(run)].append(_text(model))
    return found


def _logged_models(tables: Tables) -> tuple[entities.LoggedModel, ...]:
    params = _texts_by(tables["logged_model_params"], _text)
    tags = _texts_by(tables["logged_model_tags"], _text)
    models = [
        entities.LoggedModel(
            id=_text(model),
            name=_text(name),
            experiment_id=str(_number(experiment)),
            run_id=_text(run) or None,
            status=model_status(_number(status)),
            active=_text(stage) == "active",
            artifact_location=_text(location),
            tags=tags.get(model, _NOTHING),
            params=params.get(model, _NOTHING),
            created=_number(created),
        )
        for model, name, experiment, run, status, stage, location, created in tables["logged_models"]
    ]
    return tuple(models)


def _registered_models(tables: Tables) -> tuple[entities.RegisteredModel, ...]:
    aliases: dict[str, dict[str, int]] = defaultdict(dict)
    for name, alias, number in tables["registered_model_aliases"]:
        aliases[_text(name)][_text(alias)] = _number(number)
    version_tags: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for name, number, key, value in tables["model_version_tags"]:
        version_tags[_text(name), _number(number)][_text(key)] = _text(value)
    versions: dict[str, list[entities.ModelVersion]] = defaultdict(list)
    for name, number, run, source, status, stage, description, created in tables["model_versions"]:
        if stage == DELETED_VERSION:
            continue
        version = entities.ModelVersion(
            name=_text(name),
            version=_number(number),
            run_id=_text(run) or None,
            model_id=logged_model_id(_text(source)),
            source=_text(source),
            status=_text(status),
            stage=_text(stage),
            description=_text(description),
            tags=MappingProxyType(version_tags.get((name, number), {})),
            aliases=tuple(sorted(alias for alias, of in aliases.get(name, {}).items() if of == number)),
            created=_number(created),
        )
        versions[version.name].append(version)
    tags = _texts_by(tables["registered_model_tags"], _text)
    return tuple(
        entities.RegisteredModel(
            _text(name),
            _text(description),
            tags.get(name, _NOTHING),
            tuple(sorted(versions.get(name, ()), key=lambda version: version.version)),
            MappingProxyType(aliases.get(name, {})),
        )
        for name, description in tables["registered_models"]
    )


def _texts_by(rows: Rows, kind: Any) -> dict[Any, Mapping[str, str]]:
    """The rows (owner, key, value) as one mapping for each owner."""
    found: dict[Any, dict[str, str]] = defaultdict(dict)
    for owner, key, value in rows:
        found[kind(owner)][_text(key)] = _text(value)
    return {owner: MappingProxyType(values) for owner, values in found.items()}


def _text(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise _WrongTypeError(f"{type(value).__name__} where a text belongs")
    return value or ""


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise _WrongTypeError(f"{str(value)[:40]!r} where a whole number belongs")
    return value


def _time(value: object) -> int | None:
    return None if value is None else _number(value)


def _value(value: object, is_nan: object) -> float:
    if is_nan:
        return math.nan
    if not isinstance(value, int | float):
        raise _WrongTypeError(f"{str(value)[:40]!r} where a metric's value belongs")
    return float(value)
