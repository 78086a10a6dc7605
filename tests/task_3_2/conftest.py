"""Task 3.2 for the tests of this folder."""

from __future__ import annotations

import pytest

from checks.core.course import Course
from checks.core.task import Task


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """The task that these tests are about."""
    return course.task("3.2")
