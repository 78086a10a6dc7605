"""Laying a task's starter and the learner's data out in the task folder, and setting the learner's work there aside.

Nothing of the learner's is ever written over or deleted: what is set aside moves to a dated backup.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core import data
from checks.core.task import COURSE_NAMES

if TYPE_CHECKING:
    from checks.core.task import DataFile, Task

BACKUPS = Path(".mlsd/backups")


class Placement(StrEnum):
    """The fate of one file."""

    WRITTEN = "written"
    PRESENT = "already there"
    KEPT = "kept: it is not the file that the course lays out"


@dataclass(frozen=True, slots=True)
class Placed:
    """One file of the layout, relative to the task folder."""

    path: str
    placement: Placement


def lay_out(task: Task, folder: Path, learner_id: str) -> list[Placed]:
    """Write the starter and the data of a task into `folder`. A file that is there already is never touched."""
    return [_place(folder, path, content) for path, content in _contents(task, learner_id)]


def _contents(task: Task, learner_id: str) -> Iterator[tuple[str, bytes]]:
    starter = task.path / "starter"
    for source in sorted(path for path in starter.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        yield source.relative_to(starter).as_posix(), source.read_bytes().replace(b"\r\n", b"\n")
    for file in task.data:
        yield file.path, _rentals(file, learner_id)


def _rentals(file: DataFile, learner_id: str) -> bytes:
    everything = data.months(learner_id, file.last)
    if file.first == 1:
        return everything
    header = everything[: everything.index(b"\n") + 1]
    return header + everything[len(data.months(learner_id, file.first - 1)) :]


def _place(folder: Path, path: str, content: bytes) -> Placed:
    target = folder / path
    if target.is_symlink() or target.exists():
        same = target.is_file() and target.read_bytes().replace(b"\r\n", b"\n") == content
        return Placed(path, Placement.PRESENT if same else Placement.KEPT)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, target)
    return Placed(path, Placement.WRITTEN)


def own_work(task: Task, clone: Path) -> list[Path]:
    """Everything in a task folder that did not come with the course, sorted."""
    folder = clone / task.folder
    return sorted(entry for entry in folder.iterdir() if entry.name not in COURSE_NAMES) if folder.is_dir() else []


def set_aside(task: Task, clone: Path, now: datetime) -> Path:
    """Move the learner's work on a task into a backup folder of its own, and return that folder."""
    moment = clone / BACKUPS / f"{now:%Y-%m-%d-%H%M%S}"
    places = chain([moment], (moment.with_name(f"{moment.name}-{again}") for again in count(2)))
    backup = next(place for place in places if not (place / task.folder).exists()) / task.folder
    backup.mkdir(parents=True)
    for entry in own_work(task, clone):
        shutil.move(entry, backup / entry.name)
    return backup
