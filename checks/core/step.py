"""The decorator that makes a plain test function the check of a step."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.workspace import Workspace

    StepFunction = Callable[[Workspace], None]

_MARK = "__mlsd_step__"


def step(name: str) -> Callable[[StepFunction], StepFunction]:
    """Mark a function as the check of the step `name` of its task.

    The function gets a `Workspace` and returns where the step holds. It raises `Failure` where it does not, and
    `Unavailable` where what it asks about can't be looked at here. Anything else that it raises is our error.
    """

    def mark(function: StepFunction) -> StepFunction:
        setattr(function, _MARK, name)
        return function

    return mark


def step_name(function: object) -> str | None:
    """The step that a function checks, or None where it checks none."""
    name = getattr(function, _MARK, None)
    return name if isinstance(name, str) else None


def step_functions(checker: ModuleType) -> dict[str, StepFunction]:
    """The step functions of a checker module, by the name of their step, in the module's order."""
    return {name: value for value in vars(checker).values() if (name := step_name(value)) is not None}
