"""Putting a task folder back to how `mlsd start` lays it out. Nothing is deleted: it moves to a dated backup."""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.task import Task

BACKUPS = Path(".mlsd/backups")
COURSE_NAMES = frozenset(
    {"README.md", "task.toml", "test_task.py", "checking", "starter", "solution", "mistakes", "__pycache__"}
)
"""What in a task folder comes with the course."""


def own_work(task: Task, clone: Path) -> list[Path]:
    """What in a task folder is the learner's: everything that did not come with the course."""
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
