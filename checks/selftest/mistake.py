"""A named wrong submission: `mistakes/<name>/` in a task folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.errors import CourseError, UnknownNameError
from checks.evidence.documents import parse_toml
from checks.expect import Failure

if TYPE_CHECKING:
    from checks.core.task import Task


@dataclass(frozen=True, slots=True)
class Mistake:
    """A named wrong submission, the one step that must fail, and a phrase that its message must hold.

    `script` is run in the task folder of the finished solution, or of the laid-out starter with `base = "starter"`.
    `rebuild` says that only making the work again tells: so it is for a step that needs that, and for any with
    `rebuild = true`.
    """

    name: str
    title: str
    step: str
    phrase: str
    base: str
    script: Path
    rebuild: bool


def load_mistakes(task: Task) -> tuple[Mistake, ...]:
    """The mistakes of a task, by name. Raises CourseError where one is malformed."""
    return tuple(_load(folder.parent, task) for folder in sorted(task.path.glob("mistakes/*/mistake.toml")))


def find_mistake(task: Task, name: str) -> Mistake:
    """One mistake of a task. Raises UnknownNameError."""
    mistakes = {mistake.name: mistake for mistake in load_mistakes(task)}
    if name not in mistakes:
        raise UnknownNameError(f"mistake of task {task.id}", name, mistakes)
    return mistakes[name]


def _load(folder: Path, task: Task) -> Mistake:
    where = folder / "mistake.toml"
    rebuilt = {step.name for step in task.steps if step.rebuild}
    try:
        table = parse_toml(where.read_bytes(), str(where))
        mistake = Mistake(
            name=folder.name,
            title=str(table["title"]),
            step=str(table["step"]),
            phrase=str(table["phrase"]),
            base=str(table.get("base", "solution")),
            script=folder / "make.sh",
            rebuild=bool(table.get("rebuild", table["step"] in rebuilt)),
        )
    except KeyError as error:
        raise CourseError(f"{where}: the key {error} is missing") from None
    except Failure as failure:
        raise CourseError(f"{where}: {failure.found}") from None
    if mistake.step not in {step.name for step in task.steps} or mistake.base not in ("solution", "starter"):
        raise CourseError(f"{where}: no step {mistake.step!r}, or no base {mistake.base!r} (solution, starter)")
    return mistake
