"""A course: a folder of numbered modules with numbered tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from checks.core.checker import checker_sources
from checks.core.errors import CourseError, UnknownNameError
from checks.core.late import LateRule, late_rule
from checks.core.task import Step, Task, load_task, task_id
from checks.evidence.documents import parse_toml
from checks.expect import Failure
from checks.model import CohortReport, CourseStamp, SubmissionReport

COURSE_FILE = "course.toml"
OWN_COURSE = Path(__file__).resolve().parents[2]
"""The course that this package came with."""


@dataclass(frozen=True)
class Course:
    """A course folder, its tasks read once."""

    path: Path
    id: str
    title: str
    version: str
    tasks: tuple[Task, ...]
    rebuild: Mapping[str, Any] = field(default_factory=dict)
    """The table `[rebuild]` of the course file: how much a rebuild may use, where it is not the default."""
    late: LateRule = field(default_factory=LateRule)
    """The cost of late work: the table `[late]` of the course file."""

    @property
    def file(self) -> Path:
        """The course file."""
        return self.path / COURSE_FILE

    def task(self, name: str) -> Task:
        """The task with an id such as `4.2`, or in the folder of this path. Raises UnknownNameError."""
        wanted = name.rstrip("/\\")
        for task in self.tasks:
            if wanted in (task.id, task.folder, task.path.name) or Path(wanted).absolute() == task.path:
                return task
        raise UnknownNameError("task", name, [task.id for task in self.tasks] + [task.folder for task in self.tasks])

    def select(self, name: str) -> tuple[Task, Step | None]:
        """The task, and the step where one is named, of `TASK` or `TASK/STEP`. Raises UnknownNameError."""
        try:
            return self.task(name), None
        except UnknownNameError:
            task_name, slash, step_name = name.rpartition("/")
            if not slash or any(task.folder.startswith(f"{task_name}/") for task in self.tasks):
                raise
        task = self.task(task_name)
        for step in task.steps:
            if step.name == step_name:
                return task, step
        raise UnknownNameError(f"step of task {task.id}", step_name, [step.name for step in task.steps])

    @cached_property
    def stamp(self) -> CourseStamp:
        """The course's entry in `results.json`. Its hash covers every checker and every line of this package."""
        digest = hashlib.sha256()
        sources = sorted((OWN_COURSE / "checks").rglob("*.py"))
        for task in self.tasks:
            sources += [task.path / "task.toml", *checker_sources(task.path)]
        for source in sources:
            content = source.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{source.name} {len(content)}\n".encode() + content)
        return CourseStamp(self.id, self.version, f"sha256:{digest.hexdigest()}")

    def report(self, rows: Sequence[SubmissionReport]) -> CohortReport:
        """The report of a class with these rows, made now."""
        created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return CohortReport(self.stamp, created, rows)


def load_course(path: Path = OWN_COURSE) -> Course:
    """Read the course in a folder. Raises CourseError where there is none, or where it is malformed."""
    root = path.resolve()
    found = [(number, toml.parent) for toml in root.glob("*_*/task*_*/task.toml") if (number := task_id(toml.parent))]
    folders = dict(sorted(found, key=lambda task: ([int(part) for part in task[0].split(".")], task[1])))
    twice = [folder for number, folder in found if folders[number] != folder]
    if twice:
        raise CourseError(f"{twice[0]}: another folder is task {task_id(twice[0])} already; change one of the numbers")
    if not folders:
        raise CourseError(f"{path}: no task found; a course holds folders such as 1_module/task1_name with a task.toml")
    about = _about(root / COURSE_FILE)
    rebuild = about.get("rebuild", {})
    if not isinstance(rebuild, dict):
        raise CourseError(f"{root / COURSE_FILE}: `rebuild` is no table: write [rebuild] above the lines of its limits")
    return Course(
        path=root,
        id=str(about.get("id", root.name)),
        title=str(about.get("title", root.name)),
        version=str(about.get("version", "0")),
        tasks=tuple(load_task(folder, root) for folder in folders.values()),
        rebuild=rebuild,
        late=late_rule(about.get("late", {}), str(root / COURSE_FILE)),
    )


def _about(where: Path) -> dict[str, object]:
    if not where.is_file():
        return {}
    try:
        return parse_toml(where.read_bytes(), str(where))
    except Failure as failure:
        raise CourseError(f"{where}: {failure.found}") from None
