"""The root README's table of tasks says what the tasks say of themselves."""

from __future__ import annotations

from checks.core.course import Course
from tests.words.pages import README, rows, section


def test_the_table_of_tasks_is_that_of_the_tasks(course: Course) -> None:
    told = {row[0]: row[2:] for row in rows(section(README, "The six tasks"))}
    for task in course.tasks:
        time, tools, points = told[f"[{task.id} {task.title}]({task.folder}/README.md)"]
        assert time == f"{task.minutes} minutes"
        assert [tool.lower() for tool in tools.split(", ")] == list(task.tools)
        assert points == f"{task.points:g}"
