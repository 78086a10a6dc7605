"""Changes in a learner's clone while somebody watches it: saves, commits, files that the tools write.

The events come from the operating system, through watchfiles (https://watchfiles.helpmanual.io/). What it can't follow
is looked at a few times a second: the file `learner.toml` at the clone's root, and whether a watched folder is still
the same one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from watchfiles import Change, watch

from checks.core.learner import LEARNER_FILE

if TYPE_CHECKING:
    from checks.core.task import Task

_QUIET = 50
"""Milliseconds without an event, after which a burst of them is one change."""
_LONGEST = 200
"""Milliseconds after which a burst that goes on is told all the same."""
_LOOK = 200
"""Milliseconds between two looks at what sends no events."""
_REFERENCES = frozenset({"HEAD", "index", "packed-refs", "refs"})
"""Files in `.git` that change with a commit, a tag, `git add` and a switch (https://git-scm.com/docs/gitrepository-layout)."""
_NOISE = frozenset({"__pycache__", ".ipynb_checkpoints"})
_DVC_NOISE = frozenset({"tmp"})
"""In `.dvc`: locks and logs of DVC's own."""
_SCRATCH = (".lock", "~", ".swp", ".unfinished")


def changes(clone: Path, task: Task, stop: Event) -> Iterator[None]:
    """An item for each change in a clone that a check of this task may see, until `stop` is set.

    The first item says that the watch has begun: who looks then has missed nothing. A burst of events is one change.
    Folders may go and come back.
    """
    folders = [clone / task.folder, clone / ".git", clone / ".storage"]
    relevant = _relevant(clone)
    while not stop.is_set():
        there = [folder for folder in folders if folder.is_dir()]
        known = _seen(clone, folders)
        begun = False
        for batch in _batches(there, relevant, stop):
            now = _seen(clone, folders)
            moved = any(path in map(str, there) for _, path in batch)
            if batch or now != known or not begun:
                yield
            begun = True
            if moved or now[:-1] != known[:-1]:
                break  # and watch the folders that are there now
            known = now


def _batches(
    folders: list[Path], relevant: Callable[[Change, str], bool], stop: Event
) -> Iterator[set[tuple[Change, str]]]:
    """Bursts of events in these folders; an empty one at each look."""
    polling = None  # as the operating system can
    while folders and not stop.is_set():
        try:
            yield from watch(
                *folders,
                watch_filter=relevant,
                debounce=_LONGEST,
                step=_QUIET,
                stop_event=stop,
                rust_timeout=_LOOK,
                yield_on_timeout=True,
                raise_interrupt=False,
                force_polling=polling,
            )
        except (OSError, RuntimeError):  # a folder went just now, or the system's number of watches is used up
            if polling or not all(folder.is_dir() for folder in folders):
                return
            polling = True
    while not stop.wait(_LOOK / 1000):
        yield set()


def _relevant(clone: Path) -> Callable[[Change, str], bool]:
    """Whether a check may see what happened at a path."""
    root = str(clone)

    def relevant(_: Change, path: str) -> bool:
        parts = Path(os.path.relpath(path, root)).parts
        if path.endswith(_SCRATCH) or _NOISE.intersection(parts):
            return False
        if parts[0] == ".git":
            return len(parts) == 1 or parts[1] in _REFERENCES
        after_dvc = parts[parts.index(".dvc") + 1 :] if ".dvc" in parts else ()
        return not _DVC_NOISE.intersection(after_dvc[:1])

    return relevant


def _seen(clone: Path, folders: list[Path]) -> tuple[object, ...]:
    """The state that polling compares: the watched folders, and `learner.toml`."""
    learner = _status(clone / LEARNER_FILE)
    which = (found and (found.st_dev, found.st_ino) for found in map(_status, folders))
    return (*which, learner and (learner.st_mtime_ns, learner.st_size))


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
