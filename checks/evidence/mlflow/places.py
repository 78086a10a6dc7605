"""Where the artifacts are that an address in a store names.

MLflow writes absolute addresses, of the machine and folder in which the run was made. A submission was moved since; so
an address counts by its end: what follows `mlruns`, `mlartifacts` or the task folder. None leads out of the submission.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from checks.evidence.files import Files
from checks.evidence.mlflow.artifacts import Artifacts, FolderArtifacts, NoArtifacts, is_inside
from checks.evidence.mlflow.entities import LoggedModel, Run

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters or more: `C:` is a drive
_ROOTS = ("mlruns", "mlartifacts")
_SERVED = "mlflow-artifacts"
_LOCAL = "file"


class Places(Protocol):
    """Finds the artifacts of a store."""

    def of_model(self, model: LoggedModel) -> Artifacts:
        """The files of a logged model."""
        ...

    def at(self, address: str) -> Artifacts:
        """The files at an address."""
        ...

    def of_run(self, run: Run, path: str = "") -> Artifacts:
        """The artifacts of a run, or those in one of their folders."""
        ...


class FolderPlaces:
    """Artifacts in the submission, wherever they were when they were logged."""

    def __init__(self, files: Files, store: str, task: str) -> None:
        self._files, self._store, self._task = files, store, task

    def of_model(self, model: LoggedModel) -> Artifacts:
        """The files of a logged model."""
        return self.at(model.artifact_location)

    def at(self, address: str) -> Artifacts:
        """The files at an address."""
        folder = relocated(self._files, self._store, self._task, address)
        return NoArtifacts(address) if folder is None else FolderArtifacts(self._files, folder)

    def of_run(self, run: Run, path: str = "") -> Artifacts:
        """The artifacts of a run, or those in one of their folders."""
        artifacts = self.at(run.artifact_uri)
        if not isinstance(artifacts, FolderArtifacts) or not path:
            return artifacts
        return artifacts.below(path) if is_inside(path) else NoArtifacts(path)


def relocated(files: Files, store: str, task: str, address: str) -> str | None:
    """The folder of the submission that an artifact address stands for; None where it is none.

    `store` is the folder that holds the store, `task` the task folder. The first place that exists is taken.
    """
    try:
        places = list(_places(files, store, task, address))
    except ValueError:  # `urlsplit` of `file://[`
        return None
    return next((place for place in places if files.is_folder(place)), places[0] if places else None)


def _places(files: Files, store: str, task: str, address: str) -> Iterator[str]:
    scheme, path = _path(address)
    parts = PurePosixPath(path).parts
    if not path or ".." in parts or "\0" in path or scheme not in ("", _LOCAL, _SERVED):
        return
    bases = list(dict.fromkeys((store, task)))
    if scheme == _SERVED:
        yield from (posixpath.join(base, root, path.lstrip("/")) for base in bases for root in reversed(_ROOTS))
        return
    absolute = path.startswith("/") or re.match(r"[A-Za-z]:/", path)
    if absolute:
        for root in dict.fromkeys((files.root.absolute().as_posix(), files.root.resolve().as_posix())):
            if path.startswith(f"{root}/"):
                yield path.removeprefix(f"{root}/")
    else:
        yield from (posixpath.normpath(posixpath.join(base, path)) for base in bases)
    if task and f"/{task}/" in path:
        yield posixpath.join(task, path.rpartition(f"/{task}/")[2])
    for at in reversed([index for index, part in enumerate(parts) if part in _ROOTS]):
        yield from (posixpath.join(base, *parts[at:]) for base in bases)


def _path(address: str) -> tuple[str, str]:
    """The scheme and the path of an address; a plain path has no scheme, and no escapes."""
    if not _SCHEME.match(address):
        return "", address.replace("\\", "/") if re.match(r"[A-Za-z]:[\\/]", address) else address
    # MLflow leaves `#` and `?` in a folder's name as they are, where it does not escape them.
    parts = urlsplit(address.replace("#", "%23").replace("?", "%3F"))
    path = unquote(parts.path)
    if parts.scheme == _LOCAL and re.match(r"/[A-Za-z]:/", path):
        path = path[1:]
    return parts.scheme, path
