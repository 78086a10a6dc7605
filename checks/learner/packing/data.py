"""What DVC keeps outside of Git: the objects that the branch's commits name, and the working files of the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.expect import Failure
from checks.learner.packing.contents import Contents, Group

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.objects import ObjectStore
    from checks.evidence.git.snapshot import Snapshot

_SHOWN = 3


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
    """What pointers and locks of a commit name. One that is malformed names nothing: the check tells."""
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
