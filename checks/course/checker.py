"""Loading a task's checker: the course's own `test_task.py`, never a submission's."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from checks.course.errors import CourseError
from checks.step import step_functions

if TYPE_CHECKING:
    from checks.course.task import Task
    from checks.step import StepFunction


def load_checker(task: Task) -> Mapping[str, StepFunction]:
    """The check of each step of a task. Raises CourseError where a step has none, or a check has no step."""
    functions = _import_functions(task.path / "test_task.py")
    declared, checked = {step.name for step in task.steps}, set(functions)
    if declared != checked:
        lone = ", ".join(sorted(declared ^ checked))
        raise CourseError(f"{task.path}: task.toml and test_task.py do not agree on the steps: {lone}")
    return functions


@cache
def _import_functions(source: Path) -> Mapping[str, StepFunction]:
    name = f"mlsd_checker_{source.parent.parent.name}_{source.parent.name}"
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None or not source.is_file():
        raise CourseError(f"{source}: no such checker")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CourseError(f"{source}: can't be loaded: {type(error).__name__}: {error}") from error
    return step_functions(module)
