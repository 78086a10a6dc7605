"""Classes of any size, made of one real solution: copies by hard links, each with a file of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from checks.core.course import Course
from checks.core.task import Task
from checks.selftest.build import solve

DEFECTIVE = 5
"""One of so many has a defect."""


def note(text: str) -> None:
    """Say what is going on, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def build_solution(course: Course, tasks: Sequence[Task], scratch: Path) -> Path:
    """A clone with the solution of these tasks, without what no check reads."""
    note(f"building the solutions of {', '.join(task.id for task in tasks)} with the real tools ...")
    whole, slim = scratch / "whole", scratch / "solution"
    solve(course, tasks, whole)
    subprocess.run(["git", "-C", whole, "repack", "-adq"], check=True)
    slim.mkdir()
    for name in (".git", ".storage", ".dvc"):
        if (whole / name).is_dir():
            shutil.copytree(whole / name, slim / name, symlinks=True, ignore=shutil.ignore_patterns("*.sample"))
    shutil.copy(whole / "learner.toml", slim)
    for task in tasks:
        shutil.copytree(whole / task.folder, slim / task.folder, symlinks=True, ignore=_not_evidence)
    return slim


def _not_evidence(_folder: str, names: list[str]) -> set[str]:
    """The course's own answers, and of a conda environment everything but its records."""
    environment = "conda-meta" in names
    return {
        name
        for name in names
        if name in ("mistakes", "solution", "__pycache__", "tmp") or (environment and name != "conda-meta")
    }


def lay_out(solution: Path, size: int, into: Path, *, defects: bool = True) -> Path:
    """A class of this size, every fifth submission with a defect unless nobody wants one."""
    into.mkdir(parents=True)
    for number in range(size):
        submission = into / f"learner-{number:05}"
        _copy_by_links(solution, submission)
        (submission / "notes.txt").write_text(f"These are the notes of learner {number}.\n")
        if defects and number % DEFECTIVE == DEFECTIVE - 1:
            _DEFECTS[number // DEFECTIVE % len(_DEFECTS)](submission)
    return into


def _copy_by_links(source: Path, into: Path) -> None:
    """A copy that takes no room. `cp -al` is quicker than Python, where it is there."""
    if sys.platform == "linux":
        subprocess.run(["cp", "-al", source, into], check=True)
        return
    shutil.copytree(source, into, symlinks=True, copy_function=os.link)


def _gone(pattern: str) -> Callable[[Path], None]:
    def remove(submission: Path) -> None:
        for path in submission.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    return remove


_DEFECTS = (
    _gone(".storage/files"),
    _gone("2_*/task1_*/mlflow.db"),
    _gone("2_*/task2_*/mlruns/*/models"),
    _gone("3_*/task1_*/output"),
    _gone("3_*/task2_*/env/conda-meta"),
)
