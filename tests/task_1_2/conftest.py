"""The task that these tests are about."""

from __future__ import annotations

import pytest

from checks.course.course import Course
from checks.course.task import Task


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """Task 1.2."""
    return course.task("1.2")
