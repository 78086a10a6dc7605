"""Finds the store that a learner tracked to: a server, `mlflow.db` or `mlruns`."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from checks.evidence.files import Files, Kind
from checks.evidence.mlflow.entities import Contents
from checks.evidence.mlflow.places import FolderPlaces
from checks.evidence.mlflow.tracking import Tracking
from checks.expect import Unavailable

if TYPE_CHECKING:
    from checks.evidence import Place

STORE = "mlflow.db"
FOLDER = "mlruns"
ADDRESS = "MLFLOW_TRACKING_URI"
_SQLITE = "sqlite:///"
_SERVER = ("http://", "https://")


def read(place: Place) -> Tracking:
    """The store of a task folder as `find` gives it. Raises Unavailable of a branch, which can hold none."""
    if place.history_alone:
        raise Unavailable("a branch has no MLflow store: Git ignores it")
    return find(place.files, place.folder, os.environ if place.here else {})


def find(files: Files, task: str, environment: Mapping[str, str]) -> Tracking:
    """The store of a task folder: the one that the environment names, or what is in the folder or the clone's root.

    `environment` is empty for everybody else's work. The store does not exist where nothing was tracked. Raises Malformed
    where it can't be read, Unavailable where its schema is unknown or its server does not answer.
    """
    address = environment.get(ADDRESS, "")
    if address.lower().startswith(_SERVER):
        return _from_server(address, environment)
    named = _named(files, task, address) if address.startswith(_SQLITE) else None
    path = named or _database(files, task)
    if path is not None:
        return _from_database(files, task, path)
    for folder in dict.fromkeys((posixpath.join(task, FOLDER), FOLDER)):
        tracking = _from_folder(files, task, folder)
        if tracking is not None:
            return tracking
    where = f"{STORE} and {FOLDER} in {task}" if task else f"{STORE} and {FOLDER}"
    return Tracking(where, Contents(), FolderPlaces(files, task, task), exists=False)


def _from_server(address: str, environment: Mapping[str, str]) -> Tracking:
    from checks.evidence.mlflow.http import Server
    from checks.evidence.mlflow.server import ServedPlaces, read_server

    server = Server(address, environment)
    contents = read_server(server)
    return Tracking(server.place, contents, ServedPlaces(server, contents.runs))


def _from_database(files: Files, task: str, path: str) -> Tracking:
    from checks.evidence.mlflow.tables import read_sqlite_store

    places = FolderPlaces(files, posixpath.dirname(path), task)
    return Tracking(posixpath.relpath(path, task or "."), read_sqlite_store(files, path), places)


def _from_folder(files: Files, task: str, folder: str) -> Tracking | None:
    from checks.evidence.mlflow.file_store import is_file_store, read_file_store

    if not is_file_store(files, folder):
        return None
    places = FolderPlaces(files, posixpath.dirname(folder), task)
    return Tracking(posixpath.relpath(folder, task or "."), read_file_store(files, folder), places)


def _named(files: Files, task: str, address: str) -> str | None:
    """The database that `MLFLOW_TRACKING_URI` names, where it is in the clone; relative to the task folder."""
    at = os.path.join(files.root, task, unquote(address.removeprefix(_SQLITE).partition("?")[0]))
    try:
        inner = os.path.relpath(os.path.realpath(at), os.path.realpath(files.root)).replace(os.sep, "/")
    except ValueError:  # a NUL, or another drive
        return None
    return inner if not inner.startswith("../") and files.is_file(inner) else None


def _database(files: Files, task: str) -> str | None:
    """The path of the store in SQLite, or None. A file named `mlflow.db` is one, whatever it holds."""
    from checks.evidence.mlflow.sqlite import is_sqlite

    for folder in dict.fromkeys((task, "")):
        path = posixpath.join(folder, STORE)
        if files.kind(path) is not Kind.MISSING:
            return path
    paths = [posixpath.join(task, entry.name) for entry in files.entries(task) if entry.name.endswith(".db")]
    others = [path for path in paths if is_sqlite(files, path)]
    return others[0] if len(others) == 1 else None
