"""What an instructor may say of limits, and what is said of a slip."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.core.course import Course
from checks.core.errors import CourseError
from checks.rebuild.limits import DEFAULT_LIMITS, limits_of


def test_our_course_has_the_defaults(course: Course) -> None:
    assert limits_of(course) == DEFAULT_LIMITS


def test_an_instructor_sets_some(course_with: Callable[[str], Course]) -> None:
    limits = limits_of(course_with("[rebuild]\nwall_seconds = 60\ndisk_files = 7\n"))
    assert (limits.wall_seconds, limits.disk_files) == (60, 7)
    assert limits.cpu_seconds == DEFAULT_LIMITS.cpu_seconds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[rebuild]\nwall_second = 60", r"course\.toml: \[rebuild\]: .*'wall_second'\. Did you mean wall_seconds"),
        ("[rebuild]\nwall_seconds = 0", r"wall_seconds = 0 is no limit; write a number above zero, such as"),
        ("[rebuild]\nwall_seconds = inf", r"wall_seconds = inf is no limit"),
        ("[rebuild]\nwall_seconds = 'long'", r"wall_seconds = 'long' is no limit"),
        ("[rebuild]\ncpu_seconds = 1.5", r"write a whole number above zero, such as cpu_seconds = 180"),
        ("[rebuild]\nprocesses = true", r"processes = True is no limit"),
        ("rebuild = 60", r"course\.toml: `rebuild` is no table: write \[rebuild\]"),
    ],
)
def test_a_slip_is_named(course_with: Callable[[str], Course], text: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        limits_of(course_with(text))
