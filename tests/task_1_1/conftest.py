"""A clone to work in with the real tools, and to judge."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.course.course import Course
from checks.course.task import Task
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Outcome, StepResult
from checks.rebuild.rebuilder import Rebuilder
from checks.rebuild.sandbox import SandboxUnavailable, find_sandbox
from checks.workspace import Rebuild

COMMANDS = os.path.dirname(sys.executable)
"""Where this environment's `dvc`, `mlsd` and `python` are."""


@dataclass(frozen=True)
class Clone:
    """One learner's clone."""

    course: Course
    task: Task
    root: Path
    tools: str
    """The folder with the `dvc` to use."""

    @property
    def folder(self) -> Path:
        """The task folder, where a learner types."""
        return self.root / self.task.folder

    def sh(self, commands: str, **variables: str) -> str:
        """Type commands in the task folder, up to the first that fails; what they printed."""
        done = subprocess.run(
            ["sh", "-e", "-u", "-c", commands],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": os.pathsep.join((self.tools, COMMANDS, os.environ["PATH"])),
                "GIT_EDITOR": "true",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def results(self, rebuild: Rebuild | None = None) -> dict[str, StepResult]:
        """The verdict on each step, by its name."""
        report = grade_path(self.course, self.root, [Selection(self.task)], rebuild)
        assert report.problem is None
        return {result.step.partition("/")[2]: result for result in report.steps}

    def passes(self, rebuild: Rebuild | None = None) -> None:
        """Hold that every step is passed."""
        results = self.results(rebuild)
        assert all(result.outcome is Outcome.PASSED for result in results.values()), [
            result for result in results.values() if result.outcome is not Outcome.PASSED
        ]

    def fails(self, step: str, *phrases: str) -> StepResult:
        """Hold that `step` is the one that fails, in words with these phrases, and that its dependents are blocked."""
        results = self.results()
        failed = {name: result for name, result in results.items() if result.outcome is Outcome.FAILED}
        assert set(failed) == {step}, results
        after = list(results)[list(results).index(step) + 1 :]
        assert {results[name].outcome for name in after} <= {Outcome.BLOCKED}
        words = " | ".join(filter(None, (failed[step].looked_at, failed[step].expected, failed[step].found)))
        assert all(phrase in words for phrase in phrases), words
        return failed[step]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, neutral_machine: None) -> Iterator[str]:
    """A folder with a `dvc` that starts at once; see `dvc_at_hand`. Without `fork`, an empty one."""
    folder = tmp_path_factory.mktemp("tools")
    if not hasattr(os, "fork"):
        yield str(folder)
        return
    server = Path(__file__).with_name("dvc_at_hand.py")
    with tempfile.TemporaryDirectory(prefix="dvc-") as short:  # a socket's name has at most 107 bytes
        where = f"{short}/socket"
        client = folder / "dvc"
        client.write_text(runpy.run_path(str(server))["CLIENT"].format(python=sys.executable, socket=where))
        client.chmod(0o755)
        with subprocess.Popen([sys.executable, str(server), where], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield str(folder)
            process.terminate()


@pytest.fixture
def clone_at(course: Course, task: Task, tools: str) -> Callable[[Path], Clone]:
    """The clone in a folder."""
    return lambda root: Clone(course, task, root, tools)


@pytest.fixture
def begun(clone_at: Callable[[Path], Clone], fresh: Path) -> Clone:
    """A clone in which task 1.1 was started."""
    return clone_at(fresh)


@pytest.fixture
def done(clone_at: Callable[[Path], Clone], solved: Path) -> Clone:
    """A clone with the reference solution."""
    return clone_at(solved)


@pytest.fixture(scope="session")
def rebuilder() -> Rebuilder:
    """The real sandbox."""
    try:
        return Rebuilder(find_sandbox())
    except SandboxUnavailable as unavailable:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            raise
        pytest.skip(f"bubblewrap: {unavailable.reason}")
