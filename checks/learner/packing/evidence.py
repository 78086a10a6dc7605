"""The evidence that each tool left in a clone, to be handed in: no package, no secret, and of Git only a bundle."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.evidence.conda.prefix import RECORDS, find_prefixes
from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.evidence.mlflow.find import FOLDER, STORE, find
from checks.evidence.mlflow.places import relocated
from checks.evidence.mlflow.sqlite import is_sqlite
from checks.expect import Failure, Unavailable
from checks.learner.packing.contents import Contents, Group

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.objects import ObjectStore
    from checks.evidence.git.snapshot import Snapshot
    from checks.evidence.mlflow.tracking import Tracking

_SHOWN = 3
_PYTHON = re.compile(r"python3\.\d{1,3}")
_FOLDERS = (FOLDER, "mlartifacts")
_LOGS = ("", "-wal", "-journal")
"""A database, and what SQLite writes beside it. The archive holds the bytes of one moment: see `archive`."""


def add_data(work: Workspace, contents: Contents) -> None:
    """Hand in the objects that any commit of the branch names, from the cache and from a remote that is a folder here."""
    stores = [work.dvc.cache]
    folder = _remote(work)
    if folder:
        stores.append(work.dvc.remote_store(folder))
    lacking: list[str] = []
    for output in dict.fromkeys(output for snapshot in _snapshots(work) for output in _outputs(work, snapshot)):
        there = [_add_objects(store, output, contents) for store in stores]
        if not any(there):
            lacking.append(f"{work.shown(output.path)} ({output.md5[:6]}...)")
    if lacking:
        more = f" and {len(lacking) - _SHOWN:,} more" if len(lacking) > _SHOWN else ""
        contents.note(
            f"missing: your commits name data that neither cache nor remote of {work.folder} has: "
            f"{', '.join(lacking[:_SHOWN])}{more}"
        )
    for output in _outputs(work, work.snapshot):
        contents.add_all(output.path, Group.DVC)


def _remote(work: Workspace) -> str | None:
    try:
        return work.remote_folder()
    except Failure:  # a configuration that can't be read: told by the check
        return None


def _snapshots(work: Workspace) -> Iterator[Snapshot]:
    """The commits of the branch at which the task folder changed."""
    seen: set[str | None] = {None}
    for commit, tree in work.git.changes(work.folder):
        if tree not in seen:
            seen.add(tree)
            yield work.git.at(commit)


def _outputs(work: Workspace, snapshot: Snapshot) -> Iterator[Output]:
    """The outputs that pointers and locks of a commit name. One that is malformed names nothing: the check tells."""
    for pointer in work.dvc.pointers(snapshot):
        try:
            yield from parse_pointer(snapshot.read(pointer) or b"", pointer)
        except Failure:
            continue
    try:
        yield from (
            entry.locked for entry in work.dvc.pipelines(snapshot).outputs if entry.locked and entry.output.cached
        )
    except Failure:
        return


def _add_objects(store: ObjectStore, output: Output, contents: Contents) -> bool:
    """Hand in an output's objects from one store; whether its own is there."""
    there = contents.add(f"{store.folder}/{store.path(output.md5, output.legacy)}", Group.DVC)
    if there and output.is_folder:
        try:
            members = store.listing(output) or {}
        except Failure:
            members = {}
        for md5 in members.values():
            contents.add(f"{store.folder}/{store.path(md5, output.legacy)}", Group.DVC)
    return there


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
    if not tracking.exists:
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


def add_environments(task: str, contents: Contents) -> bool:
    """Hand in the records of each environment; whether there is one."""
    prefixes = find_prefixes(contents.files, task)
    for prefix in prefixes:
        contents.add_folder(f"{prefix}/{RECORDS}", Group.CONDA)
        for site in _sites(prefix, contents):
            for name in contents.files.names(site):
                if name.endswith(".dist-info"):
                    contents.add(f"{site}/{name}/METADATA", Group.CONDA)
    return bool(prefixes)


def _sites(prefix: str, contents: Contents) -> list[str]:
    """The folders in which pip installs; on Windows, there is one."""
    series = [name for name in contents.files.names(f"{prefix}/lib") if _PYTHON.fullmatch(name)]
    return [f"{prefix}/lib/{name}/site-packages" for name in series] + [f"{prefix}/Lib/site-packages"]
