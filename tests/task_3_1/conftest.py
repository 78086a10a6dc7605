"""Task 3.1, and one engine for all: who builds an image of its name waits for the others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from checks.core.course import Course
from checks.core.task import Task


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """The task that this folder is about."""
    return course.task("3.1")


@pytest.fixture
def engine() -> Iterator[None]:
    """The engine alone: `reproducibility-docker` is one name for everybody."""
    with FileLock(Path(tempfile.gettempdir(), "mlsd-docker-engine.lock")):
        yield
