"""A task and its steps, as `task.toml` declares them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.core.errors import CourseError
from checks.evidence.documents import parse_toml
from checks.expect import Failure

HINTS = 3
"""Hints a step: where to look, what to do, the command."""
COURSE_NAMES = frozenset(
    {"README.md", "task.toml", "test_task.py", "checking", "starter", "solution", "mistakes", "__pycache__"}
)
"""What comes with the course in a task folder. Everything else there is the learner's."""
_FOLDER = re.compile(r"task(?P<number>\d+)_[a-z0-9_]+\Z")
_MODULE = re.compile(r"(?P<number>\d+)_[a-z0-9_]+\Z")


@dataclass(frozen=True, slots=True)
class Step:
    """One graded step. `needs` names the steps that must pass before this one can be judged."""

    name: str
    title: str
    points: float
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    anchor: str
    """The README heading that teaches it, as a link's fragment."""
    rebuild: bool = False
    """Whether nothing but a rebuild can judge it."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of the learner's data that `mlsd start` writes: months `first` to `last` of the rentals."""

    path: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Task:
    """One task folder."""

    id: str
    """Module and number, such as `4.2`."""
    path: Path
    folder: str
    """Relative to the course, with `/`."""
    title: str
    minutes: int
    level: str
    tools: tuple[str, ...]
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    data: tuple[DataFile, ...]
    hand_in: tuple[str, ...] = ()
    """Files and folders that no tool keeps, and that the checker looks at: `mlsd submit` packs them."""
    hand_in_images: tuple[str, ...] = ()
    """Archives of images, which are large: `mlsd submit --with-image` packs them."""

    @property
    def points(self) -> float:
        """All points of the task."""
        return sum(step.points for step in self.steps)

    def step(self, name: str) -> Step:
        """The step with this name. Raises KeyError."""
        return next(step for step in self.steps if step.name == name)

    def see(self, step: Step) -> str:
        """The README section that teaches a step, relative to the course."""
        return f"{self.folder}/README.md#{step.anchor}"


def task_id(folder: Path) -> str | None:
    """The id that a task folder's path gives it, or None where it is no task folder's."""
    module, task = _MODULE.match(folder.parent.name), _FOLDER.match(folder.name)
    return f"{int(module['number'])}.{int(task['number'])}" if module and task else None


def load_task(path: Path, course: Path) -> Task:
    """Read `task.toml` in a task folder. Raises CourseError with the file, the key and what would do."""
    where = path / "task.toml"
    number = task_id(path)
    if number is None:
        raise CourseError(f"{path}: a task's folder is named N_module/taskM_name")
    try:
        table = parse_toml(where.read_bytes(), str(where))
        if not isinstance(table["steps"], dict):
            raise CourseError(f"{where}: `steps` is no table: write [steps.NAME] above each step's lines")
        steps = tuple(_step(name, fields) for name, fields in table["steps"].items())
        task = Task(
            id=number,
            path=path,
            folder=path.relative_to(course).as_posix(),
            title=str(table["title"]),
            minutes=int(table["minutes"]),
            level=str(table["level"]),
            tools=tuple(table["tools"]),
            needs=tuple(table.get("needs", ())),
            steps=steps,
            data=tuple(
                DataFile(inner, int(span["first"]), int(span["last"])) for inner, span in table.get("data", {}).items()
            ),
            hand_in=tuple(str(inner) for inner in table.get("hand_in", ())),
            hand_in_images=tuple(str(inner) for inner in table.get("hand_in_images", ())),
        )
    except KeyError as error:
        raise CourseError(f"{where}: the key {error} is missing") from None
    except Failure as failure:
        raise CourseError(f"{where}: {failure.found}") from None
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise CourseError(f"{where}: {error}") from None
    _check_needs(task, where)
    return task


def _step(name: str, fields: dict[str, Any]) -> Step:
    lacking = {"title", "points", "hints", "anchor"}.difference(fields)
    if lacking:
        raise KeyError(f"steps.{name}.{min(lacking)}")
    return Step(
        name=name,
        title=str(fields["title"]),
        points=float(fields["points"]),
        needs=tuple(fields.get("needs", ())),
        hints=tuple(fields["hints"]),
        anchor=str(fields["anchor"]),
        rebuild=bool(fields.get("rebuild", False)),
    )


def _check_needs(task: Task, where: Path) -> None:
    """A step needs steps before it: so there is no circle, and the order of the report is one of work."""
    before: set[str] = set()
    for step in task.steps:
        unknown = [need for need in step.needs if need not in before]
        if unknown:
            raise CourseError(f"{where}: step {step.name} needs {', '.join(unknown)}, which does not come before it")
        before.add(step.name)
