"""The example class, which `make grade` grades before an instructor has submissions. Built, never stored."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks.selftest.build import BuildError, begin, builders, make_mistake, missing_tool, run_script
from checks.selftest.mistake import Mistake, load_mistakes

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task

FOLDER = Path(".mlsd/example-class")
_STAMP = ".built-from"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the class that was to be built. `fault` says in one line why it was left out, None where it is there."""

    name: str
    fault: str | None = None


def example_class(course: Course) -> Path:
    """The folder of the course's example class, built or not."""
    return course.path / FOLDER


def is_built(course: Course, tasks: Sequence[Task]) -> bool:
    """Whether it was built from what the course holds now, with these tasks at least."""
    stamp = example_class(course) / _STAMP
    source, *built = stamp.read_text(encoding="utf-8").split() if stamp.is_file() else [""]
    return source == _source_hash(course) and {task.id for task in tasks} <= set(built)


def build_example_class(course: Course, tasks: Sequence[Task]) -> Iterator[Part]:
    """Build it anew; each part as soon as it is ready, or left out. Raises BuildError where not even a start can be made.

    A part that can't be built takes nobody else with it, but for the mistakes in a solution.
    """
    folder = example_class(course)
    source = _source_hash(course)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begin(course, course.tasks, folder / "starter")
    yield Part("starter")
    (folder / "broken.tar.gz").write_bytes(_broken_archive())
    yield Part("broken.tar.gz")
    solved = folder / "solution"
    begin(course, tasks, solved)
    finished: list[Task] = []
    for task in tasks:
        part = _solution(task, solved)
        if part.fault is None:
            finished.append(task)
        yield part
    yield from _mistakes(course, finished, solved)
    (folder / _STAMP).write_text(" ".join([source, *(task.id for task in tasks)]), encoding="utf-8")


def count_parts(tasks: Sequence[Task]) -> int:
    """The number of parts that `build_example_class` gives at most."""
    return 2 + sum(1 + len(typical_mistakes(task)) for task in tasks)


def _solution(task: Task, solved: Path) -> Part:
    name = f"the solution of {task.id}"
    try:
        run_script(task.path / "solution/solve.sh", solved / task.folder)
    except BuildError as error:
        return Part(name, f"{name} could not be built whole, and none of its mistakes: {error.line}")
    return Part(name)


def _mistakes(course: Course, tasks: list[Task], solved: Path) -> Iterator[Part]:
    """Build the mistakes of these tasks. Those that share an engine follow each other, beside all others."""
    shared = [task for task in tasks if builders(task) == 1]
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(os.cpu_count() or 1) as many:
        jobs: list[Future[Part]] = [
            (one if task in shared else many).submit(_mistake, course, task, mistake, solved)
            for task in tasks
            for mistake in typical_mistakes(task)
        ]
        for job in as_completed(jobs):
            yield job.result()


def _mistake(course: Course, task: Task, mistake: Mistake, solved: Path) -> Part:
    name = f"mistake-{task.id}-{mistake.name}"
    into = solved.with_name(name)
    try:
        make_mistake(course, task, mistake, into, solved)
    except BuildError as error:
        shutil.rmtree(into, ignore_errors=True)
        return Part(name, f"{name} could not be built: {error.line}")
    return Part(name)


def buildable(course: Course) -> list[Task]:
    """The tasks whose solution can be built with the tools of this machine."""
    return [task for task in course.tasks if missing_tool(task) is None]


def typical_mistakes(task: Task) -> tuple[Mistake, ...]:
    """One mistake for each step that has some: enough to see how a class looks, and built in a minute."""
    first: dict[str, Mistake] = {}
    for mistake in load_mistakes(task):
        first.setdefault(mistake.step, mistake)
    return tuple(first[step.name] for step in task.steps if step.name in first)


def _broken_archive() -> bytes:
    """A real archive whose upload was cut off."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as tar:
        content = os.urandom(4096)
        member = tarfile.TarInfo("clone/README.md")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return whole.getvalue()[:2048]


def _source_hash(course: Course) -> str:
    digest = hashlib.sha256(course.stamp.checks.encode())
    for task in course.tasks:
        for folder in ("starter", "solution", "mistakes"):
            for source in sorted(path for path in (task.path / folder).rglob("*") if path.is_file()):
                digest.update(source.relative_to(course.path).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()
