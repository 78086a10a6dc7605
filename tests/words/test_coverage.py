"""docs/coverage.md: each idea has a section that teaches it, and the steps that check it exist.

That its links lead somewhere is a test of all pages (`test_links.py`).
"""

from __future__ import annotations

import re

from checks.core.course import Course
from tests.words.pages import COVERAGE, rows

STEP = re.compile(r"`(\d+\.\d+)/([a-z0-9_]+)`")
TABLE = rows(COVERAGE.prose)


def test_each_idea_is_taught_somewhere() -> None:
    assert [idea for idea, taught, _, _ in TABLE if "](../" not in taught] == []


def test_each_step_that_is_named_exists_and_each_step_checks_an_idea(course: Course) -> None:
    named = {match for _, _, checked, _ in TABLE for match in STEP.findall(checked)}
    assert named == {(task.id, step.name) for task in course.tasks for step in task.steps}


def test_what_is_taught_now_and_what_later_is_told_apart() -> None:
    assert {when for *_, when in TABLE} == {"core", "core, next", "next"}
    assert len({idea for idea, *_ in TABLE}) == len(TABLE)
