"""Building submissions with the real tools: a fresh clone, the reference solution in it, a mistake in that.

Only the course's own scripts are run here, never anything of a submission.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from checks.learner.clone import keep_identity, switch_to_solution
from checks.learner.layout import lay_out
from checks.model import Identity
from checks.rebuild.sandbox import ONE_THREAD

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.selftest.mistake import Mistake

EXAMPLE_LEARNER = Identity("ada@example.org", "Ada Example")
_NOT_CLONED = (".git", ".venv", ".mlsd", ".storage", "reports", "__pycache__", ".*_cache")


class BuildError(Exception):
    """A script of the course failed. The message holds the end of its output."""

    @property
    def line(self) -> str:
        """The message in one line: the command that ended, and its last words."""
        first, *others = str(self).splitlines()
        return " ".join([first, *others[-1:]])


def clone_course(course: Course, into: Path) -> None:
    """A fresh clone of the course, as a learner makes it; of a course that is no repository, a new one is made.

    Branches and tags of learners, which a class may keep in the same repository, do not come along.
    """
    if (course.path / ".git").exists():
        run_git(["clone", "--quiet", "--single-branch", "--no-tags", str(course.path), str(into)], course.path)
        return
    shutil.copytree(course.path, into, ignore=shutil.ignore_patterns(*_NOT_CLONED))
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "The course"]):
        run_git(command, into)


def begin(course: Course, tasks: Sequence[Task], into: Path, learner: Identity = EXAMPLE_LEARNER) -> None:
    """A fresh clone in which the learner has started these tasks, and has done nothing yet."""
    clone_course(course, into)
    switch_to_solution(into, learner.id)
    keep_identity(into, learner)
    for task in tasks:
        lay_out(task, into / task.folder, learner.id)


def solve(course: Course, tasks: Sequence[Task], into: Path, learner: Identity = EXAMPLE_LEARNER) -> None:
    """A fresh clone with the reference solution of these tasks."""
    begin(course, tasks, into, learner)
    for task in tasks:
        run_script(task.path / "solution/solve.sh", into / task.folder)


def make_mistake(course: Course, task: Task, mistake: Mistake, into: Path, solved: Path | None = None) -> None:
    """A clone with this mistake. `solved` is a finished solution to copy in place of building one."""
    if mistake.base == "starter":
        begin(course, [task], into)
    elif solved is not None:
        copy_clone(solved, into)
    else:
        solve(course, [task], into)
    run_script(mistake.script, into / task.folder)


def copy_clone(source: Path, into: Path) -> None:
    """A copy of a clone, in which nobody changes in place what is never changed: Git's objects, packages of conda.

    These are hard links, as Git and conda share them between clones and environments.
    """
    prefixes = (
        f"{source / '.git/objects'}{os.sep}",
        *(f"{record.parent}{os.sep}" for record in source.glob("*_*/task*_*/*/conda-meta")),
    )

    def copy(one: str, other: str) -> str:
        if one.startswith(prefixes) and "conda-meta" not in one and not os.path.islink(one):
            os.link(one, other)
            return other
        return shutil.copy2(one, other, follow_symlinks=False)

    shutil.copytree(source, into, symlinks=True, copy_function=copy)


def run_script(script: Path, folder: Path) -> str:
    """Run a script of the course with `sh` in `folder`, ending at its first failing line. Gives its output."""
    return _run(["sh", "-e", "-u", str(script)], folder)


def run_git(arguments: Sequence[str], folder: Path, **more: str) -> str:
    """Run Git in `folder`, without this machine's settings but with `more` variables. Gives its output. Raises BuildError."""
    return _run(["git", *arguments], folder, more)


def _run(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> str:
    with environment() as variables:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**variables, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        tail = "\n".join(output.splitlines()[-12:])
        raise BuildError(f"`{' '.join(command)}` ended with {done.returncode} in {folder}:\n{tail}")
    return output


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """Ours, without this machine's settings of Git, DVC and MLflow, so that a build is the same everywhere."""
    with tempfile.TemporaryDirectory(prefix="mlsd-home-", ignore_cleanup_errors=True) as home:
        settings = Path(home, "gitconfig")
        settings.write_text(
            "[user]\n\tname = Ada Example\n\temail = ada@example.org\n"
            "[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[core]\n\tautocrlf = false\n",
            encoding="utf-8",
        )
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GIT_", "DVC_", "MLFLOW_", "PYTEST_"))
        }
        yield {
            **kept,
            **ONE_THREAD,
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
            "GIT_CONFIG_GLOBAL": str(settings),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(Path(home, "dvc-site")),
            "DVC_GLOBAL_CONFIG_DIR": str(Path(home, "dvc-global")),
            "DVC_SYSTEM_CONFIG_DIR": str(Path(home, "dvc-system")),
            # One learner asks: three more processes of the server, and those for jobs, would only take time to start.
            "MLFLOW_WORKERS": "1",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }


def missing_tool(task: Task) -> str | None:
    """Why the solution of this task can't be built here, or None."""
    if "docker" in task.tools and not _engine_answers():
        return "no Docker engine answers: start Docker Desktop or dockerd (Debian, for tests: make engines)"
    if "conda" in task.tools and shutil.which("conda") is None:
        return "there is no command `conda`: install Miniforge (Debian, for tests: make engines)"
    return None


def builders(task: Task) -> int:
    """How many submissions of this task may be built at once: an image's name is one for the whole engine."""
    return 1 if "docker" in task.tools else os.cpu_count() or 1


def _engine_answers() -> bool:
    try:
        done = subprocess.run(["docker", "version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
