"""Loading a task's checker: the course's own `test_task.py` and its package `checking`, never a submission's.

The task folder is imported as a package of its own, so that `test_task.py` says `from .checking import ...`, and two
tasks may name their modules alike. pytest (`checks.plugin`) and `mlsd` load it here.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import blake2b
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from checks.core.errors import CourseError
from checks.core.step import step_functions

if TYPE_CHECKING:
    from checks.core.step import StepFunction
    from checks.core.task import Task

CHECKER = "test_task.py"


def load_checker(task: Task) -> Mapping[str, StepFunction]:
    """The check of each step of a task. Raises CourseError where a step has none, or a check has no step."""
    functions = step_functions(import_checker(task.path / CHECKER))
    declared, checked = {step.name for step in task.steps}, set(functions)
    if declared != checked:
        lone = ", ".join(sorted(declared ^ checked))
        raise CourseError(f"{task.path}: task.toml and {CHECKER} do not agree on the steps: {lone}")
    return functions


def checker_sources(folder: Path) -> Iterable[Path]:
    """Every Python file that judges the task in a folder, in one order."""
    return [folder / CHECKER, *sorted((folder / "checking").rglob("*.py"))]


@cache
def import_checker(source: Path) -> ModuleType:
    """The module in a `test_task.py`. Raises CourseError where it can't be loaded."""
    if not source.is_file():
        raise CourseError(f"{source}: no such checker")
    digest = blake2b(str(source).encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    package = f"mlsd_{source.parent.name}_{digest}"
    spec = ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [str(source.parent)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module(f"{package}.{source.stem}")
    except Exception as error:
        raise CourseError(f"{source}: can't be loaded: {type(error).__name__}: {error}") from error
