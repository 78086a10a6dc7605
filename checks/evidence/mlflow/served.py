"""Artifacts that a tracking server hands out.

Routes: https://github.com/mlflow/mlflow/blob/master/mlflow/server/__init__.py.
"""

from __future__ import annotations

import posixpath
import urllib.parse
from collections.abc import Iterator, Sequence

from checks import limits
from checks.evidence.files import FileHash
from checks.evidence.mlflow.artifacts import Artifacts, NoArtifacts, is_inside, need_inside, too_many
from checks.evidence.mlflow.entities import LoggedModel, Run
from checks.evidence.mlflow.http import Server
from checks.expect import Failure


class ServedArtifacts:
    """The artifacts of a run or of a logged model on a server, or those in one of their folders."""

    def __init__(self, server: Server, owner: Run | LoggedModel, base: str = "") -> None:
        self._server, self._owner, self._base = server, owner, base
        self.folder = f"{server.place}/{owner.id}/{base}".rstrip("/")
        self._sizes: dict[str, int] | None = None

    def paths(self) -> list[str]:
        """All files, sorted."""
        return sorted(self._listed)

    def is_file(self, path: str) -> bool:
        """Whether a file is at `path`."""
        return path in self._listed

    def size(self, path: str) -> int:
        """The size of a file, in bytes."""
        need_inside(path, self.folder)
        if path not in self._listed:
            raise Failure(
                looked_at=f"{self.folder}/{path}",
                expected="a file",
                found="nothing",
                fix="(log it in a new run)",
            )
        return self._listed[path]

    def read(self, path: str, limit: int = limits.TEXT_BYTES) -> bytes:
        """The bytes of a file."""
        size = self.size(path)
        if size > limit:
            raise Failure(
                looked_at=f"{self.folder}/{path}",
                expected=f"a file of at most {limit:,} bytes",
                found=f"{size:,} bytes",
                fix="(log a smaller file in a new run)",
            )
        at = posixpath.join(self._base, path)
        if isinstance(self._owner, Run):
            return self._server.file("/get-artifact", limit, run_uuid=self._owner.id, path=at)
        model = urllib.parse.quote(self._owner.id, safe="")
        return self._server.file(
            f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files", limit, artifact_file_path=at
        )

    def hash(self, path: str) -> FileHash:
        """The MD5 and size of a file."""
        return FileHash.of(self.read(path, limits.HASHED_BYTES))

    @property
    def _listed(self) -> dict[str, int]:
        if self._sizes is None:
            self._sizes = dict(self._walk())
        return self._sizes

    def _walk(self) -> Iterator[tuple[str, int]]:
        waiting = [(self._base, 0)]
        seen = 0
        while waiting:
            folder, depth = waiting.pop()
            for one in self._list(folder):
                path = one.get("path") if isinstance(one, dict) else None
                if not isinstance(path, str) or not is_inside(path) or posixpath.dirname(path) != folder:
                    raise self._server.garbage("artifacts/list")
                seen += 1
                if seen > limits.MLFLOW_ARTIFACTS or depth > limits.MLFLOW_DEPTH:
                    raise too_many(self.folder)
                size = str(one.get("file_size", 0))
                if one.get("is_dir"):
                    waiting.append((path, depth + 1))
                else:
                    yield posixpath.relpath(path, self._base or "."), int(size) if size.isdecimal() else 0

    def _list(self, folder: str) -> Iterator[dict[str, object]]:
        if isinstance(self._owner, Run):
            query = {"run_id": self._owner.id} | ({"path": folder} if folder else {})
            return self._server.pages("artifacts/list", "files", None, **query)
        model = urllib.parse.quote(self._owner.id, safe="")
        more = {"artifact_directory_path": folder} if folder else {}
        return self._server.pages(f"logged-models/{model}/artifacts/directories", "files", None, **more)


class ServedPlaces:
    """Finds artifacts on a server."""

    def __init__(self, server: Server, runs: Sequence[Run]) -> None:
        self._server, self._runs = server, runs

    def of_run(self, run: Run) -> Artifacts:
        """The artifacts of a run."""
        return ServedArtifacts(self._server, run)

    def of_model(self, model: LoggedModel) -> Artifacts:
        """The files of a logged model."""
        return ServedArtifacts(self._server, model)

    def at(self, address: str) -> Artifacts:
        """The files at an address: a folder of the run whose artifacts are there."""
        for run in self._runs:
            base = run.artifact_uri.rstrip("/")
            if base and address.startswith(f"{base}/"):
                return self.below(run, address.removeprefix(f"{base}/"))
        return NoArtifacts(address)

    def below(self, run: Run, path: str) -> Artifacts:
        """The files in one folder of a run's artifacts."""
        if path and not is_inside(path):
            return NoArtifacts(path)
        return ServedArtifacts(self._server, run, path.strip("/"))
