"""MLflow's store in plain files: `mlruns` with a tree of `meta.yaml`, the default until MLflow 3.7.

Layout: https://github.com/mlflow/mlflow/blob/master/mlflow/store/tracking/file_store.py and
https://github.com/mlflow/mlflow/blob/master/mlflow/store/model_registry/file_store.py.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from checks import limits
from checks.evidence.documents import convert, parse_yaml
from checks.evidence.files import Files, Kind
from checks.evidence.mlflow import entities
from checks.evidence.mlflow.artifacts import FolderArtifacts
from checks.evidence.mlflow.entities import contents_of, in_order, model_status, run_status
from checks.expect import Malformed

META = "meta.yaml"
_TRASH = ".trash"
_MODELS = "models"
_RESERVED = frozenset({"tags", "datasets", "traces", _MODELS, "assessments"})
_Meta = dict[str, Any]


def is_file_store(files: Files, folder: str) -> bool:
    """Whether a folder holds an experiment, as a store in files does; `mlruns` beside `mlflow.db` has artifacts alone."""
    return any(
        entry.kind is Kind.FOLDER and files.is_file(posixpath.join(folder, entry.name, META))
        for entry in files.entries(folder)
    )


def read_file_store(files: Files, folder: str) -> entities.Contents:
    """Everything in a store of files. Raises Malformed where one of its files is malformed, or beyond the limits."""
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
        document = meta | {"tags": self._texts(folder, "tags")}
        return convert(document, entities.Experiment, f"{folder}/{META}")

    def _run(self, folder: str, meta: _Meta, experiment: str) -> entities.Run:
        history = {name: self._history(path) for name, path in self._tree(f"{folder}/metrics")}
        outputs = (self._meta(at) or {} for at in self._folders(f"{folder}/outputs"))
        more = {
            "run_id": meta.get("run_id") or meta.get("run_uuid"),
            "status": run_status(convert(meta.get("status", 1), int, f"{folder}/{META}")),
            "params": self._texts(folder, "params"),
            "tags": self._texts(folder, "tags"),
            "metrics": {name: points[-1].value for name, points in history.items() if points},
            "history": history,
            "datasets": list(self._datasets(folder, experiment)),
            "model_ids": [output["destination_id"] for output in outputs if "destination_id" in output],
        }
        return convert(meta | more, entities.Run, f"{folder}/{META}")

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
                raise Malformed(path, f"the line {line[:80]!r}, no time, value and step of a metric") from None
        return in_order(points)

    def _datasets(self, folder: str, experiment: str) -> Iterator[_Meta]:
        for at in self._folders(f"{folder}/inputs"):
            link = self._meta(at) or {}
            source = posixpath.basename(str(link.get("source_id", "")))
            data = self._meta(f"{experiment}/datasets/{source}") if source else None
            if data is not None and link.get("source_type") == "DATASET":
                yield data | {"tags": link.get("tags", {})}

    def _logged_model(self, folder: str, meta: _Meta) -> entities.LoggedModel:
        more = {
            "status": model_status(convert(meta.get("status", 0), int, f"{folder}/{META}")),
            "tags": self._texts(folder, "tags"),
            "params": self._texts(folder, "params"),
        }
        return convert(meta | more, entities.LoggedModel, f"{folder}/{META}")

    def _registered_model(self, folder: str, meta: _Meta) -> entities.RegisteredModel:
        versions = [
            convert(found | {"tags": self._texts(at, "tags")}, entities.ModelVersion, f"{at}/{META}")
            for at in self._folders(folder)
            if posixpath.basename(at).startswith("version-") and (found := self._meta(at)) is not None
        ]
        aliases = {
            alias: convert(text.strip(), int, f"{folder}/aliases/{alias}", strict=False)
            for alias, text in self._texts(folder, "aliases").items()
        }
        document = meta | {"tags": self._texts(folder, "tags"), "aliases": aliases}
        return entities.registered(convert(document, entities.RegisteredModel, f"{folder}/{META}"), versions)

    def _folders(self, path: str) -> list[str]:
        return [
            posixpath.join(path, entry.name)
            for entry in self._files.entries(path)
            if entry.kind is Kind.FOLDER and entry.name != _TRASH
        ]

    def _meta(self, folder: str) -> _Meta | None:
        """The plain values of a `meta.yaml` by name, without what is null; None where there is none."""
        path = f"{folder}/{META}"
        if not self._files.is_file(path):
            return None
        document = convert(parse_yaml(self._read(path), path), dict[str, Any], path)
        # MLflow 1 wrote the id of an experiment as a number.
        return {
            name: str(value) if name == "experiment_id" else value
            for name, value in document.items()
            if value is not None
        }

    def _texts(self, folder: str, kind: str) -> dict[str, str]:
        """Tags, parameters or aliases: a file each, its path the name."""
        return {name: self._text(path) for name, path in self._tree(f"{folder}/{kind}")}

    def _tree(self, folder: str) -> list[tuple[str, str]]:
        return [(name, f"{folder}/{name}") for name in FolderArtifacts(self._files, folder).paths()]

    def _text(self, path: str) -> str:
        try:
            return self._read(path, limits.MLFLOW_STORE_BYTES).decode()
        except UnicodeDecodeError:
            raise Malformed(path, "bytes that are no text in UTF-8") from None

    def _read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        self._opened += 1
        if self._opened > limits.MLFLOW_FILES:
            raise self._too_much(path)
        return self._files.read(path, limit)

    def _too_much(self, path: str) -> Malformed:
        most = f"{limits.MLFLOW_FILES:,} files and {limits.MLFLOW_ROWS:,} values of metrics"
        return Malformed(path, f"a store of more than {most}")
