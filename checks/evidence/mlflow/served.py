"""Artifacts that a tracking server hands out.

Routes: https://github.com/mlflow/mlflow/blob/master/mlflow/server/__init__.py.
"""

from __future__ import annotations

import posixpath
import urllib.parse
from collections.abc import Sequence

import msgspec

from checks.evidence.mlflow.artifacts import Artifacts, NoArtifacts, is_inside
from checks.evidence.mlflow.entities import LoggedModel, Run
from checks.evidence.mlflow.http import Server


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

    def __init__(self, server: Server, runs: Sequence[Run]) -> None:
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
