"""The pipelines of one commit and their locks, as one graph; and the content of what their stages wrote, by its hash.

A stage depends on another through an output that is its dependency, lies in it, or holds it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.dvc.objects import ObjectStore, line_ends
from checks.evidence.dvc.pipeline import Pipeline, parse_pipeline
from checks.evidence.dvc.pointer import LockedStage, Output, parse_lock
from checks.evidence.dvc.stage import Stage, StageOutput
from checks.evidence.files import FileHash, Files

if TYPE_CHECKING:
    from checks.evidence import Snapshot

PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"


@dataclass(frozen=True, slots=True)
class Written:
    """An output of a stage: how `dvc.yaml` declares it, and what `dvc.lock` says of it, where it says something."""

    stage: Stage
    output: StageOutput
    locked: Output | None


class Committed:
    """Every `dvc.yaml` in a folder of a commit, with the `dvc.lock` beside each.

    Where two files name a stage alike, the one nearer to the folder counts. Raises Malformed like `parse_pipeline`.
    """

    def __init__(self, snapshot: Snapshot, folder: str) -> None:
        names = (path for path in snapshot.paths(folder, PIPELINE) if posixpath.basename(path) == PIPELINE)
        self.pipelines: tuple[Pipeline, ...] = tuple(
            parse_pipeline(snapshot.read(path) or b"", path, snapshot.read)
            for path in sorted(names, key=lambda path: (path.count("/"), path))
        )
        self.stages: dict[str, Stage] = {}
        for pipeline in self.pipelines:
            self.stages = {**pipeline.stages, **self.stages}
        self.edges = _edges(self.stages.values())
        self.snapshot = snapshot

    @cached_property
    def locks(self) -> dict[str, dict[str, LockedStage]]:
        """The stages of each lock that was committed, by the path of the lock. Raises Malformed like `parse_lock`."""
        committed = ((lock, self.snapshot.read(lock)) for lock in (lock_of(entry.path) for entry in self.pipelines))
        return {lock: parse_lock(data, lock) for lock, data in committed if data is not None}

    def upstream(self, name: str) -> frozenset[str]:
        """Every stage that must run before the stage `name`."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for before in self.edges.get(waiting.pop(), frozenset()) - found:
                found.add(before)
                waiting.append(before)
        return frozenset(found)

    def locked(self, stage: Stage) -> LockedStage | None:
        """How a stage ran last, or None where no lock says so."""
        return self.locks.get(lock_of(stage.file), {}).get(stage.name)

    @property
    def outputs(self) -> Iterator[Written]:
        """The outputs of all stages."""
        for stage in self.stages.values():
            locked = self.locked(stage)
            for output in stage.outputs:
                yield Written(stage, output, locked.outputs.get(output.written) if locked else None)

    @property
    def metrics(self) -> frozenset[str]:
        """The paths of the metrics files: those of stages, and those that a pipeline lists at its top."""
        top = (
            posixpath.normpath(posixpath.join(posixpath.dirname(pipeline.path), path))
            for pipeline in self.pipelines
            for path in pipeline.metrics
        )
        return frozenset(top) | {entry.output.path for entry in self.outputs if entry.output.kind == "metrics"}


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that a stage wrote, alone or in a folder: the stage's name, the path from the root, the locked content."""

    stage: str
    path: str
    content: Output


class Contents:
    """The outputs in the locks of a commit. `stores` are asked first, then the commit itself, then the folder `files`."""

    def __init__(self, committed: Committed, stores: Sequence[ObjectStore], files: Files) -> None:
        self._committed = committed
        self._stores = stores
        self._files = files

    def files(self) -> Iterator[LockedFile]:
        """Every file that the locks say a stage wrote; a folder gives the files that its listing names."""
        for entry in self._committed.outputs:
            if entry.locked is None:
                continue
            if not entry.locked.is_folder:
                yield LockedFile(entry.stage.name, entry.output.path, entry.locked)
                continue
            for inner, md5 in (self.listing(entry.locked) or {}).items():
                path = posixpath.join(entry.output.path, inner)
                yield LockedFile(entry.stage.name, path, Output(path, md5, None, entry.locked.legacy))

    def listing(self, folder: Output) -> dict[str, str] | None:
        """The files of a folder, path below it to MD5; None where no store has its listing."""
        return next((found for store in self._stores if (found := store.listing(folder)) is not None), None)

    def read(self, path: str, content: Output) -> bytes | None:
        """The bytes of the file at `path` with the locked hash, or None where they are nowhere.

        Raises Failure where there are more than `limits.TABLE_BYTES`.
        """
        for store in self._stores:
            if store.fault(content.md5, content.legacy) is None:
                return self._files.read(f"{store.folder}/{store.path(content.md5, content.legacy)}", limits.TABLE_BYTES)
        snapshot = self._committed.snapshot
        blob = snapshot.read(path) if snapshot.is_file(path) else None
        if blob is not None:
            return next((form for form in line_ends(blob) if FileHash.of(form).md5 == content.md5), None)
        if self._files.is_file(path) and self._files.hash(path).md5 == content.md5:
            return self._files.read(path, limits.TABLE_BYTES)
        return None


def lock_of(pipeline: str) -> str:
    """The lock that belongs to a `dvc.yaml`."""
    return posixpath.join(posixpath.dirname(pipeline), LOCK)


def overlap(one: str, other: str) -> bool:
    """Whether two paths are one, or one is a folder that holds the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _edges(stages: Iterable[Stage]) -> dict[str, frozenset[str]]:
    """Each stage's name to the stages whose outputs it depends on, directly."""
    stages = list(stages)
    writers: dict[str, set[str]] = {}
    above: dict[str, set[str]] = {}
    for stage in stages:
        for output in stage.outputs:
            writers.setdefault(output.path, set()).add(stage.name)
            for folder in _folders(output.path):
                above.setdefault(folder, set()).add(stage.name)
    found: dict[str, frozenset[str]] = {}
    for stage in stages:
        needed: set[str] = set()
        for dependency in stage.dependencies:
            needed |= above.get(dependency.path, set())
            for path in (dependency.path, *_folders(dependency.path)):
                needed |= writers.get(path, set())
        found[stage.name] = frozenset(needed - {stage.name})
    return found


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
