"""A save, a commit, a deleted folder: each is told; what no check sees is not."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from checks.core.task import Task
from checks.learner.changes import changes
from checks.selftest.build import run_git

LONG = 20.0
"""Seconds that a slow machine may take to tell a change."""


class Watched:
    """A clone under watch; `told` has an item for each change."""

    def __init__(self, clone: Path, task: Task) -> None:
        self.clone = clone
        self.folder = clone / task.folder
        self.told: Queue[None] = Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(task,))
        self._thread.start()

    def _follow(self, task: Task) -> None:
        for change in changes(self.clone, task, self._stop):
            self.told.put(change)

    def wait(self) -> None:
        """Hold that a change is told, and forget the others that came with it."""
        self.told.get(timeout=LONG)
        self.silent()

    def silent(self) -> None:
        """Wait until nothing is told any more."""
        while True:
            try:
                self.told.get(timeout=0.5)
            except Empty:
                return

    def end(self) -> None:
        self._stop.set()
        self._thread.join(LONG)
        assert not self._thread.is_alive()


@pytest.fixture
def watched(fresh: Path, task: Task) -> Iterator[Watched]:
    """The clone of a learner who has started task 1.1."""
    watched = Watched(fresh, task)
    watched.told.get(timeout=LONG)  # it has begun
    yield watched
    watched.end()


def test_a_save(watched: Watched) -> None:
    (watched.folder / "append_month.py").write_text("print()\n")
    watched.wait()


def test_a_file_in_a_new_folder(watched: Watched) -> None:
    (watched.folder / "pipeline").mkdir()
    watched.wait()
    (watched.folder / "pipeline" / "train.py").write_text("print()\n")
    watched.wait()


def test_a_commit_and_a_tag(watched: Watched) -> None:
    run_git(["commit", "--quiet", "--allow-empty", "--message", "Nothing"], watched.clone)
    watched.wait()
    run_git(["tag", "data-v1.0.0"], watched.clone)
    watched.wait()


def test_who_the_learner_is(watched: Watched) -> None:
    (watched.clone / "learner.toml").write_text('id = "bob@example.org"\n')
    watched.wait()


def test_a_remote_that_comes_later(watched: Watched) -> None:
    (watched.clone / ".storage" / "files").mkdir(parents=True)
    watched.wait()
    (watched.clone / ".storage" / "files" / "object").write_text("x")
    watched.wait()


def test_a_folder_that_goes_and_comes_back(watched: Watched) -> None:
    kept = watched.clone / "kept"
    shutil.move(watched.folder, kept)
    watched.wait()
    shutil.move(kept, watched.folder)
    watched.wait()
    (watched.folder / "append_month.py").write_text("print()\n")
    watched.wait()


def test_what_no_check_sees_is_not_told(watched: Watched) -> None:
    for path in ("__pycache__/x.pyc", ".dvc/tmp/rwlock", "notes.txt.swp"):
        (watched.folder / path).parent.mkdir(parents=True, exist_ok=True)
    watched.silent()
    (watched.folder / "__pycache__/x.pyc").write_bytes(b"x")
    (watched.folder / ".dvc/tmp/rwlock").write_bytes(b"x")
    (watched.folder / "notes.txt.swp").write_bytes(b"x")
    (watched.clone / ".git/index.lock").write_bytes(b"x")
    (watched.clone / ".git/objects/new").write_bytes(b"x")
    (watched.clone / ".mlsd").mkdir()
    (watched.clone / ".mlsd/hints.json").write_bytes(b"{}")
    with pytest.raises(Empty):
        watched.told.get(timeout=1.0)
