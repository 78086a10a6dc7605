"""Task 2.2, whose solution is built once: MLflow makes its store only once a session."""

from __future__ import annotations

import pytest

from checks.core.course import Course
from checks.core.task import Task


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """The task of this folder's tests."""
    return course.task("2.2")
