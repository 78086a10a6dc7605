"""What many tests share: a neutral environment, the course, and submissions built once with the real tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from checks.core.course import Course, load_course
from checks.core.task import Task
from checks.model import Identity
from checks.rebuild.find import find_sandbox
from checks.rebuild.rebuilder import Rebuilder
from checks.rebuild.sandbox import ONE_THREAD, SandboxUnavailable
from checks.selftest import build
from checks.selftest.build import missing_tool
from checks.selftest.mistake import Mistake
from tests.at_hand import at_hand
from tests.engines.__main__ import ENVIRONMENT as ENGINES
from tests.learner_clone import LearnerClone

settings.register_profile(
    "course",
    deadline=None,  # a busy machine is no fault
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,  # `tmp_path`: each example writes over what the one before left
    ],
)
settings.load_profile("course")

LONGEST = "test_course_image.py"
"""It installs all packages in an image: some minutes, in few tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process waits for another in the end."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session", autouse=True)
def neutral_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Git and DVC as on a fresh machine, so that nobody's settings decide a test; and a thread each, as tests go side by side."""
    home = tmp_path_factory.mktemp("home")
    settings = home / "gitconfig"
    settings.write_text(
        "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        for line in ENGINES.read_text(encoding="utf-8").splitlines() if ENGINES.is_file() else ():
            patch.setenv(*line.split("=", 1))
        for name in [name for name in os.environ if name.startswith(("GIT_", "DVC_", "MLFLOW_"))]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv("DVC_SITE_CACHE_DIR", str(home / "dvc"))
        patch.setenv("NO_COLOR", "1")
        for name, value in ONE_THREAD.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    """This repository's course."""
    return load_course()


@pytest.fixture
def task(course: Course, request: pytest.FixtureRequest) -> Task:
    """The task that a folder of tests is about, such as `task_1_2`; 1.1 where its name says none."""
    folder = request.path.parent.name
    return course.task(folder.removeprefix("task_").replace("_", ".") if folder.startswith("task_") else "1.1")


@pytest.fixture(scope="session")
def solution_of(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], Path]:
    """A finished clone with the reference solution of a task. Read it; to change it, take `done`."""

    def build_solution(task: Task) -> Path:
        if missing := missing_tool(task):
            if os.environ.get("REQUIRE_ENGINES") == "1":
                pytest.fail(f"{task.id}: {missing}")
            pytest.skip(f"{task.id}: {missing}")
        return _built_once(f"solution-{task.id}", tmp_path_factory, lambda into: build.solve(course, [task], into))

    return build_solution


@pytest.fixture(scope="session")
def other_solution_of(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], Path]:
    """The same by another learner, bob@example.org. Read it; to change it, copy it."""
    bob = Identity("bob@example.org", "Bob Example")
    return lambda task: _built_once(
        f"other-solution-{task.id}", tmp_path_factory, lambda into: build.solve(course, [task], into, bob)
    )


@pytest.fixture(scope="session")
def start_of(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], Path]:
    """A clone in which the learner has started a task and done nothing yet. Read it; to change it, take `begun`."""
    return lambda task: _built_once(
        f"started-{task.id}", tmp_path_factory, lambda into: build.begin(course, [task], into)
    )


@pytest.fixture(scope="session")
def solution(course: Course, solution_of: Callable[[Task], Path]) -> Path:
    """A finished clone with the reference solution of task 1.1. Read it; to change it, take `solved`."""
    return solution_of(course.task("1.1"))


@pytest.fixture(scope="session")
def started(course: Course, start_of: Callable[[Task], Path]) -> Path:
    """A clone in which the learner has started task 1.1 and done nothing yet. Read it only."""
    return start_of(course.task("1.1"))


@pytest.fixture
def solved(solution: Path, tmp_path: Path) -> Path:
    """A finished clone of task 1.1 of one's own, to change."""
    build.copy_clone(solution, tmp_path / "clone")
    return tmp_path / "clone"


@pytest.fixture
def fresh(started: Path, tmp_path: Path) -> Path:
    """A started clone of task 1.1 of one's own, to work in."""
    build.copy_clone(started, tmp_path / "fresh")
    return tmp_path / "fresh"


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, neutral_machine: None) -> Iterator[str]:
    """A folder with a `dvc` that starts at once; see `at_hand`. Without `fork`, an empty one."""
    folder = tmp_path_factory.mktemp("tools")
    if not hasattr(os, "fork"):
        yield str(folder)
        return
    with at_hand("dvc", folder / "dvc"):
        yield str(folder)


@pytest.fixture
def clone_at(course: Course, task: Task, tools: str) -> Callable[[Path], LearnerClone]:
    """The clone in a folder."""
    return lambda root: LearnerClone(course, task, root, tools)


@pytest.fixture
def begun(
    clone_at: Callable[[Path], LearnerClone], start_of: Callable[[Task], Path], task: Task, tmp_path: Path
) -> LearnerClone:
    """A clone of one's own in which the task was started."""
    build.copy_clone(start_of(task), tmp_path / "begun")
    return clone_at(tmp_path / "begun")


@pytest.fixture
def done(
    clone_at: Callable[[Path], LearnerClone], solution_of: Callable[[Task], Path], task: Task, tmp_path: Path
) -> LearnerClone:
    """A clone of one's own with the reference solution of the task."""
    build.copy_clone(solution_of(task), tmp_path / "done")
    return clone_at(tmp_path / "done")


@pytest.fixture
def mistaken(
    clone_at: Callable[[Path], LearnerClone], solution_of: Callable[[Task], Path], task: Task, tmp_path: Path
) -> Callable[[Mistake], LearnerClone]:
    """A clone of one's own in which a mistake was made."""

    def make(mistake: Mistake) -> LearnerClone:
        clone = clone_at(tmp_path / "clone")
        build.make_mistake(clone.course, task, mistake, clone.root, solution_of(task))
        return clone

    return make


@pytest.fixture
def course_with(course: Course, tmp_path: Path) -> Callable[[str], Course]:
    """A course of one task like ours, with this text in its course file."""

    def make(text: str) -> Course:
        folder = tmp_path / "course"
        (folder / "1_module").mkdir(parents=True)
        (folder / "1_module/task1_name").symlink_to(course.task("1.1").path)
        (folder / "course.toml").write_text(text, encoding="utf-8")
        return load_course(folder)

    return make


@pytest.fixture(scope="session")
def rebuilder() -> Rebuilder:
    """The real sandbox."""
    try:
        return Rebuilder(find_sandbox())
    except SandboxUnavailable as unavailable:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            raise
        pytest.skip(f"bubblewrap: {unavailable.reason}")


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
