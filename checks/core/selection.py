"""Which tasks and steps to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task


@dataclass(frozen=True, slots=True)
class Selection:
    """A task, and the names of the steps to judge in it; None for all."""

    task: Task
    steps: frozenset[str] | None = None


def select(course: Course, names: Sequence[str]) -> tuple[Selection, ...]:
    """The tasks and steps that the words of a call name (`4.2`, `4.2/step`, a folder), in the course's order; nothing means all.

    Raises UnknownNameError.
    """
    if not names:
        return tuple(Selection(task) for task in course.tasks)
    chosen: dict[str, set[str] | None] = {}
    for name in names:
        task, step = course.select(name)
        if step is None:
            chosen[task.id] = None
        elif (steps := chosen.setdefault(task.id, set())) is not None:
            steps.add(step.name)
    return tuple(
        Selection(task, None if (steps := chosen[task.id]) is None else frozenset(steps))
        for task in course.tasks
        if task.id in chosen
    )
