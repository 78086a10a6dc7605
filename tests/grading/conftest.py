"""Hostile grounds, the corpus, and whether this machine notes when a file is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from checks.core.course import Course
from checks.core.task import Task
from checks.selftest import build
from checks.selftest.mistake import load_mistakes
from tests.grading import (  # noqa: F401 - they register
    broken_archives,
    bundles,
    hostile_archives,
    hostile_documents,
    hostile_files,
    hostile_git,
    hostile_references,
    hostile_tools,
    small_class,
    submitted_archives,
    zstandard_archives,
)
from tests.grading.archives import PACKED, Packed
from tests.grading.ground import ATTACKS, Attack, Ground, forget_reading, prepare, read_files


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for an `attack` is run for each."""
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))


@pytest.fixture(scope="session")
def base(solution: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that grounds are copied from."""
    folder = tmp_path_factory.mktemp("base")
    prepare(solution, folder)
    return folder


@pytest.fixture(scope="session")
def reading_shows(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether the file system notes the time of reading: without it, one proof less is made."""
    folder: Path = tmp_path_factory.mktemp("atime")
    (folder / "file").write_bytes(b"x")
    forget_reading(folder)
    (folder / "file").read_bytes()
    return read_files(folder) == ["file"]


@dataclass(frozen=True)
class Judged:
    """The whole corpus in one class, judged by `mlsd grade` with two processes.

    Beside it, `code` holds how the call ended, and `said` what it printed.
    """

    place: Path
    attacks: dict[str, Attack]
    """Each attack, by the name of its submission."""
    archives: dict[str, Packed]

    @property
    def folder(self) -> Path:
        """The submissions."""
        return self.place / "class"

    @property
    def out(self) -> Path:
        """The gradebook."""
        return self.place / "out"


@pytest.fixture(scope="session")
def judged(
    course: Course, solution: Path, started: Path, base: Path, tmp_path_factory: pytest.TempPathFactory
) -> Judged:
    """Built and judged once, for all processes of a parallel run."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    place = (tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.getbasetemp()) / "judged"
    judged = Judged(place, {attack.folder_name or attack.name: attack for attack in ATTACKS.values()}, PACKED)
    with FileLock(f"{place}.lock"):
        if not place.exists():
            making = place.with_name("making")
            unfinished = Judged(making, judged.attacks, judged.archives)
            _build_class(unfinished, course, course.task("1.1"), solution, started, base)
            making.rename(place)  # links in it lead to the old name: out of the submission, as they should
            _grade_class(judged)
    return judged


def _build_class(into: Judged, course: Course, task: Task, solution: Path, started: Path, base: Path) -> None:
    outside = shutil.copytree(base / "outside", into.place / "outside", symlinks=True)
    shutil.copytree(base / "clone", into.folder / "honest", symlinks=True)
    for name, attack in into.attacks.items():
        folder = shutil.copytree(base / "clone", into.folder / name, symlinks=True)
        attack.build(Ground(folder, outside, into.place.with_name("judged") / "marker"))
    for name, packed in into.archives.items():
        packed.build(into.folder / name, base / "clone")
    shutil.copytree(solution, into.folder / "honest-whole-clone", symlinks=True)
    shutil.copytree(started, into.folder / "honest-beginner", symlinks=True)
    for mistake in load_mistakes(task)[-2:]:
        build.make_mistake(course, task, mistake, into.folder / f"honest-{mistake.name}", solution)


def _grade_class(judged: Judged) -> None:
    """From within a submission that replaces every module and tool that Python or a shell could take from there."""
    mlsd = str(Path(sys.executable).with_name("mlsd"))
    done = subprocess.run(
        [mlsd, "grade", str(judged.folder), "--out", str(judged.out), "--jobs", "2"],
        cwd=judged.folder / "modules-that-shadow",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=900,
        check=False,
    )
    (judged.place / "code").write_text(str(done.returncode))
    (judged.place / "said").write_bytes(done.stdout)


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course of one small task, see `small_class`."""
    return small_class.lay_out_course(tmp_path / "course")
