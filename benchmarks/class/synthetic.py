"""Classes of any size, made of one real solution: hard links, a file and MLflow stores that differ, and a defect in every
fifth."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from checks.core.course import Course
from checks.selftest.build import solve
from checks.selftest.example import buildable

from .stores import ORDERS, in_other_order

DEFECTIVE = 5
"""One of so many has a defect."""


def build_solution(course: Course, scratch: Path) -> Path:
    """A clone with the solution of every task that this machine can build, and in it what is evidence alone."""
    whole, slim = scratch / "whole", scratch / "solution"
    tasks = buildable(course)
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
    """What no check reads: the course's own answers, and of a conda environment everything but its records."""
    environment = "conda-meta" in names
    return {
        name
        for name in names
        if name in ("mistakes", "solution", "__pycache__", "tmp") or (environment and name != "conda-meta")
    }


def lay_out(solution: Path, count: int, into: Path, *, defects: bool = True) -> Path:
    """A class of `count` submissions, every fifth with a defect unless nobody wants one."""
    into.mkdir(parents=True)
    stores = _stores(solution)
    for number in range(count):
        submission = into / f"learner-{number:05}"
        _copy_by_links(solution, submission)
        for path, orders in stores.items():
            (submission / path).unlink()
            (submission / path).hardlink_to(orders[number % ORDERS])
        (submission / "notes.txt").write_text(f"These are the notes of learner {number}.\n")
        if defects and number % DEFECTIVE == DEFECTIVE - 1:
            DEFECTS[number // DEFECTIVE % len(DEFECTS)](submission)
    return into


def _stores(solution: Path) -> dict[Path, list[Path]]:
    """The path of each MLflow store, and where it lies in each order."""
    folder = solution.with_name("stores")
    found: dict[Path, list[Path]] = {}
    for store in sorted(solution.glob("2_*/*/mlflow.db")):
        path = store.relative_to(solution)
        found[path] = [folder / path.with_name(f"{number}.db") for number in range(ORDERS)]
        found[path][0].parent.mkdir(parents=True, exist_ok=True)
        for number, into in enumerate(found[path]):
            if not into.exists():
                in_other_order(store, number, into)
    return found


def _copy_by_links(source: Path, into: Path) -> None:
    """A copy that takes no room. `cp -al` is quicker than Python, where it is there."""
    if os.name == "posix" and os.uname().sysname == "Linux":
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


DEFECTS = (
    _gone(".storage/files"),
    _gone("2_*/task1_*/mlflow.db"),
    _gone("2_*/task2_*/mlruns/*/models"),
    _gone("3_*/task1_*/output"),
    _gone("3_*/task2_*/env/conda-meta"),
)
