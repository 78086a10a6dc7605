"""A module of a task's own package, as its `test_task.py` imports it."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from checks.core.checker import CHECKER, import_checker
from checks.core.course import load_course


def task_module(task: str, name: str) -> Any:
    """The module `name` (such as `checking.rows`) of a task."""
    checker: ModuleType = import_checker(load_course().task(task).path / CHECKER)
    return importlib.import_module(f"{checker.__package__}.{name}")
