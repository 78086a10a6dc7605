"""The example class: what `make grade` grades before an instructor has submissions. Built, never stored."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from checks.selftest.build import begin, builders, make_mistake, missing_tool, solve
from checks.selftest.mistake import Mistake, load_mistakes

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task

FOLDER = Path(".mlsd/example-class")
_STAMP = ".built-from"


def example_class(course: Course) -> Path:
    """Where the example class of a course is, or will be."""
    return course.path / FOLDER


def is_built(course: Course) -> bool:
    """Whether it was built, whole, from what the course holds now."""
    stamp = example_class(course) / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _source_hash(course)


def build_example_class(course: Course) -> Iterator[str]:
    """Build it anew; the name of each submission as it is ready. Raises BuildError."""
    folder = example_class(course)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begin(course, course.tasks, folder / "starter")
    yield "starter"
    (folder / "broken.tar.gz").write_bytes(_broken_archive())
    yield "broken.tar.gz"
    solved = folder / "solution"
    tasks = buildable(course)
    solve(course, tasks, solved)
    yield "solution"
    with ThreadPoolExecutor(min(builders(task) for task in tasks)) as pool:
        jobs = {
            pool.submit(make_mistake, course, task, mistake, folder / f"mistake-{task.id}-{mistake.name}", solved): (
                mistake.name
            )
            for task in tasks
            for mistake in typical_mistakes(task)
        }
        for job in as_completed(jobs):
            job.result()
            yield f"mistake {jobs[job]}"
    (folder / _STAMP).write_text(_source_hash(course), encoding="utf-8")


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
