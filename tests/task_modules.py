"""The modules of a task's own package, as its checker imports them."""

from __future__ import annotations

import importlib
from typing import Any

from checks.core.checker import CHECKER, import_checker
from checks.core.task import Task


def module_of(task: Task, name: str) -> Any:
    """A module of a task's package `checking`."""
    return importlib.import_module(f"{import_checker(task.path / CHECKER).__package__}.checking.{name}")
