"""What MLflow left in a task folder or at the clone's root: databases, with their logs, and artifacts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.evidence.mlflow.find import FOLDER, STORE, find
from checks.evidence.mlflow.relocation import relocated
from checks.evidence.mlflow.sqlite import is_sqlite
from checks.expect import Failure, Unavailable
from checks.learner.packing.contents import Contents, Group

if TYPE_CHECKING:
    from checks.evidence.mlflow.tracking import Tracking

_FOLDERS = (FOLDER, "mlartifacts")
_LOGS = ("", "-wal", "-journal")
"""A database, and what SQLite writes beside it. The archive holds the bytes of one moment: see `archive`."""


def add_tracking(task: str, contents: Contents) -> bool:
    """Hand in the stores of a task folder and of the clone's root; whether there is one."""
    files = contents.files
    before = len(contents.groups)
    for base in ("", task):
        names = [entry.name for entry in files.entries(base) if entry.name.endswith(".db")]
        for path in (posixpath.join(base, name) for name in names):
            if posixpath.basename(path) == STORE or is_sqlite(files, path):
                for ending in _LOGS:
                    contents.add(f"{path}{ending}", Group.MLFLOW)
        for folder in _FOLDERS:
            contents.add_folder(posixpath.join(base, folder), Group.MLFLOW)
    try:
        tracking = find(files, task, {})
    except (Failure, Unavailable):  # told by the check
        return len(contents.groups) > before
    store = posixpath.dirname(posixpath.normpath(posixpath.join(task, tracking.place)))
    for address in _addresses(tracking):
        chosen = relocated(files, store, task, address)
        # A place for artifacts that somebody chose, unless it is one in which the work itself is.
        if chosen and not f"{task}/".startswith(f"{posixpath.normpath(chosen)}/") and posixpath.normpath(chosen) != ".":
            contents.add_folder(chosen, Group.MLFLOW)
    return True


def _addresses(tracking: Tracking) -> Iterator[str]:
    yield from (run.artifact_uri for run in tracking.runs)
    yield from (model.artifact_location for model in tracking.logged_models)
    yield from (version.source for model in tracking.registered_models for version in model.versions)
