"""The task that these tests are about, and a Python that starts at once for its scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.core.course import Course
from checks.core.task import Task
from tests.at_hand import at_hand


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """Task 1.2."""
    return course.task("1.2")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, tools: str) -> Iterator[str]:
    """The folder with a `dvc` that starts at once, and a `python` beside it. Without `fork`, an empty one."""
    if not hasattr(os, "fork"):
        yield tools
        return
    folder = tmp_path_factory.mktemp("python")
    (folder / "dvc").symlink_to(Path(tools, "dvc"))
    with at_hand("python", folder / "python"):
        yield str(folder)
