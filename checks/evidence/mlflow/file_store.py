"""MLflow's store in plain files: `mlruns` with a tree of `meta.yaml`, the default until MLflow 3.7.

Layout: https://github.com/mlflow/mlflow/blob/master/mlflow/store/tracking/file_store.py and
https://github.com/mlflow/mlflow/blob/master/mlflow/store/model_registry/file_store.py.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from checks import limits
from checks.evidence.documents import parse_yaml
from checks.evidence.files import Files, Kind
from checks.evidence.mlflow import entities
from checks.evidence.mlflow.artifacts import FolderArtifacts
from checks.evidence.mlflow.order import DELETED_VERSION, contents_of, in_order, latest, logged_model_id, model_status
from checks.expect import Failure

META = "meta.yaml"
_TRASH = ".trash"
_MODELS = "models"
_RESERVED = frozenset({"tags", "datasets", "traces", _MODELS, "assessments"})
_RUN_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
T = TypeVar("T")


def is_file_store(files: Files, folder: str) -> bool:
    """Whether a folder holds an experiment, as a store in files does; `mlruns` beside `mlflow.db` has artifacts alone."""
    return any(
        entry.kind is Kind.FOLDER and files.is_file(posixpath.join(folder, entry.name, META))
        for entry in files.entries(folder)
    )


def read_file_store(files: Files, folder: str) -> entities.Contents:
    """Everything in a store of files. Raises Failure where one of its files is malformed, or beyond the limits."""
    return _FileStore(files, folder).contents()


class _FileStore:
    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._folder = folder
        self._opened = 0
        self._points = 0

    def contents(self) -> entities.Contents:
        experiments: list[entities.Experiment] = []
        runs: list[entities.Run] = []
        models: list[entities.LoggedModel] = []
        for folder in [*self._folders(self._folder), *self._folders(f"{self._folder}/{_TRASH}")]:
            meta = self._meta(folder) if posixpath.basename(folder) != _MODELS else None
            if meta is None:
                continue
            experiments.append(self._experiment(folder, meta))
            runs += [
                self._run(at, found, folder)
                for at in self._folders(folder)
                if posixpath.basename(at) not in _RESERVED and (found := self._meta(at)) is not None
            ]
            models += [
                self._logged_model(at, found)
                for at in self._folders(f"{folder}/{_MODELS}")
                if (found := self._meta(at)) is not None
            ]
        registered = [
            self._registered_model(at, meta)
            for at in self._folders(f"{self._folder}/{_MODELS}")
            if (meta := self._meta(at)) is not None
        ]
        return contents_of(experiments, runs, models, registered)

    def _experiment(self, folder: str, meta: _Meta) -> entities.Experiment:
        name = meta.text("name")
        return entities.Experiment(
            meta.text("experiment_id"), name, meta.active, meta.text("artifact_location"), self._texts(folder, "tags")
        )

    def _run(self, folder: str, meta: _Meta, experiment: str) -> entities.Run:
        history = {name: self._history(path) for name, path in self._tree(f"{folder}/metrics")}
        tags = self._texts(folder, "tags")
        return entities.Run(
            id=meta.text("run_id") or meta.text("run_uuid"),
            name=meta.text("run_name") or tags.get("mlflow.runName", ""),
            experiment_id=meta.text("experiment_id"),
            status=_RUN_STATUS.get(meta.number("status") or 1, meta.text("status")),
            active=meta.active,
            start=meta.number("start_time"),
            end=meta.number("end_time"),
            artifact_uri=meta.text("artifact_uri"),
            params=self._texts(folder, "params"),
            metrics=MappingProxyType({name: latest(points) for name, points in history.items() if points}),
            history=MappingProxyType(history),
            tags=tags,
            datasets=tuple(self._datasets(folder, experiment)),
            model_ids=tuple(
                output.text("destination_id")
                for at in self._folders(f"{folder}/outputs")
                if (output := self._meta(at)) is not None
            ),
        )

    def _history(self, path: str) -> tuple[entities.Point, ...]:
        """The values of a metric: a line `time value step` each, `time value` in old stores."""
        points = []
        for line in self._text(path).splitlines():
            fields = line.split()
            self._points += 1
            if self._points > limits.MLFLOW_ROWS:
                raise self._too_much(path)
            try:
                step = int(fields[2]) if len(fields) > 2 else 0
                points.append(entities.Point(step, float(fields[1]), int(fields[0])))
            except (ValueError, IndexError):
                raise _malformed(path, f"the line {line[:80]!r}") from None
        return in_order(points)

    def _datasets(self, folder: str, experiment: str) -> Iterator[entities.DatasetInput]:
        for at in self._folders(f"{folder}/inputs"):
            link = self._meta(at)
            source = "" if link is None else posixpath.basename(link.text("source_id"))
            data = self._meta(f"{experiment}/datasets/{source}") if source else None
            if link is None or data is None or link.text("source_type") != "DATASET":
                continue
            tags = link.mapping("tags")
            fields = ("name", "digest", "source_type", "source", "schema", "profile")
            name, digest, kind, origin, schema, profile = (data.text(field) for field in fields)
            yield entities.DatasetInput(name, digest, kind, origin, schema, profile, tags)

    def _logged_model(self, folder: str, meta: _Meta) -> entities.LoggedModel:
        return entities.LoggedModel(
            id=meta.text("model_id"),
            name=meta.text("name"),
            experiment_id=meta.text("experiment_id"),
            run_id=meta.text("source_run_id") or None,
            status=model_status(meta.number("status")),
            active=meta.active,
            artifact_location=meta.text("artifact_location"),
            tags=self._texts(folder, "tags"),
            params=self._texts(folder, "params"),
            created=meta.number("creation_timestamp") or 0,
        )

    def _registered_model(self, folder: str, meta: _Meta) -> entities.RegisteredModel:
        aliases = {}
        for alias, text in self._texts(folder, "aliases").items():
            if not text.strip().isdecimal() or len(text) > 18:
                raise _malformed(f"{folder}/aliases/{alias}", repr(text[:40]))
            aliases[alias] = int(text)
        versions = [
            self._version(at, found, aliases)
            for at in self._folders(folder)
            if posixpath.basename(at).startswith("version-") and (found := self._meta(at)) is not None
        ]
        return entities.RegisteredModel(
            name=meta.text("name"),
            description=meta.text("description"),
            tags=self._texts(folder, "tags"),
            versions=tuple(
                sorted((one for one in versions if one.stage != DELETED_VERSION), key=lambda one: one.version)
            ),
            aliases=MappingProxyType(aliases),
        )

    def _version(self, folder: str, meta: _Meta, aliases: Mapping[str, int]) -> entities.ModelVersion:
        number = meta.number("version") or 0
        return entities.ModelVersion(
            name=meta.text("name"),
            version=number,
            run_id=meta.text("run_id") or None,
            model_id=meta.text("model_id") or logged_model_id(meta.text("source")),
            source=meta.text("source"),
            status=meta.text("status"),
            stage=meta.text("current_stage"),
            description=meta.text("description"),
            tags=self._texts(folder, "tags"),
            aliases=tuple(sorted(alias for alias, of in aliases.items() if of == number)),
            created=meta.number("creation_timestamp") or 0,
        )

    def _folders(self, path: str) -> list[str]:
        return [
            posixpath.join(path, entry.name)
            for entry in self._files.entries(path)
            if entry.kind is Kind.FOLDER and entry.name != _TRASH
        ]

    def _meta(self, folder: str) -> _Meta | None:
        path = f"{folder}/{META}"
        if not self._files.is_file(path):
            return None
        document = parse_yaml(self._read(path), path)
        if not isinstance(document, dict):
            raise _malformed(path, "no mapping")
        return _Meta(document, path)

    def _texts(self, folder: str, kind: str) -> Mapping[str, str]:
        """Tags, parameters or aliases: a file each, its path the name."""
        return MappingProxyType({name: self._text(path) for name, path in self._tree(f"{folder}/{kind}")})

    def _tree(self, folder: str) -> list[tuple[str, str]]:
        return [(name, f"{folder}/{name}") for name in FolderArtifacts(self._files, folder).paths()]

    def _text(self, path: str) -> str:
        try:
            return self._read(path, limits.MLFLOW_STORE_BYTES).decode()
        except UnicodeDecodeError:
            raise _malformed(path, "bytes that are no text in UTF-8") from None

    def _read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        self._opened += 1
        if self._opened > limits.MLFLOW_FILES:
            raise self._too_much(path)
        return self._files.read(path, limit)

    def _too_much(self, path: str) -> Failure:
        return Failure(
            looked_at=path,
            expected=f"a store of at most {limits.MLFLOW_FILES:,} files and {limits.MLFLOW_ROWS:,} values",
            found="more",
            fix="(delete the runs that you no longer need, then: mlflow gc)",
        )


class _Meta:
    """A `meta.yaml`: plain values by name."""

    def __init__(self, document: Mapping[Any, Any], path: str) -> None:
        self._document = document
        self._path = path

    @property
    def active(self) -> bool:
        return self.text("lifecycle_stage") in ("", "active")

    def text(self, key: str) -> str:
        return self._get(key, lambda value: str(value) if isinstance(value, str | int) else None) or ""

    def number(self, key: str) -> int | None:
        return self._get(key, lambda value: value if isinstance(value, int) else None)

    def mapping(self, key: str) -> Mapping[str, str]:
        found = self._get(key, lambda value: value if isinstance(value, dict) else None) or {}
        return MappingProxyType(
            {str(name): value for name, value in found.items() if isinstance(value, str) and isinstance(name, str)}
        )

    def _get(self, key: str, kind: Callable[[Any], T | None]) -> T | None:
        value = self._document.get(key)
        found = None if value is None else kind(value)
        if value is not None and found is None:
            raise _malformed(self._path, f"another type of value at `{key}`")
        return found


def _malformed(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where,
        expected="what MLflow writes there",
        found=found,
        fix="(move mlruns away and run your experiments again)",
    )
