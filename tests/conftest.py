"""What many tests share: a neutral environment, the course, and submissions built once with the real tools."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from checks.course.course import Course, load_course
from checks.course.task import Task
from checks.selftest import build


@pytest.fixture(scope="session", autouse=True)
def neutral_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Git and DVC as on a fresh machine, so that nobody's settings decide a test."""
    home = tmp_path_factory.mktemp("home")
    settings = home / "gitconfig"
    settings.write_text(
        "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "DVC_"))]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv("DVC_SITE_CACHE_DIR", str(home / "dvc"))
        patch.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    """This repository's course."""
    return load_course()


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """Task 1.1."""
    return course.task("1.1")


@pytest.fixture(scope="session")
def solution(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished clone with the reference solution of task 1.1. Read it; to change it, take `solved`."""
    return _built_once("solution", tmp_path_factory, lambda into: build.solve(course, [course.task("1.1")], into))


@pytest.fixture(scope="session")
def started(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which the learner has started task 1.1 and done nothing yet. Read it only."""
    return _built_once("started", tmp_path_factory, lambda into: build.begin(course, [course.task("1.1")], into))


@pytest.fixture
def solved(solution: Path, tmp_path: Path) -> Path:
    """A finished clone of one's own, to change."""
    return shutil.copytree(solution, tmp_path / "clone", symlinks=True)


@pytest.fixture
def fresh(started: Path, tmp_path: Path) -> Path:
    """A started clone of one's own, to work in."""
    return shutil.copytree(started, tmp_path / "fresh", symlinks=True)


def _built_once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], None]) -> Path:
    """Build something once for all processes of a parallel run."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = factory.getbasetemp().parent if parallel else factory.getbasetemp()
    place = shared / f"shared-{name}"
    with FileLock(f"{place}.lock"):
        if not place.exists():
            making = shared / f"making-{name}"
            make(making)
            making.rename(place)
    return place
