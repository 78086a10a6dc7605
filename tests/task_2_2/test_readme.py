"""The README of task 2.2 tells the solution, and its versions are those of the course. `mlsd selftest` follows it."""

from __future__ import annotations

import re

from checks.core.course import Course
from checks.core.task import Task
from checks.selftest.walkthrough import Written, sections


def told(task: Task) -> dict[str, str]:
    """The files that the README shows."""
    readme = (task.path / "README.md").read_text(encoding="utf-8")
    actions = [action for section in sections(readme) for action in section.actions]
    return {action.name: action.text for action in actions if isinstance(action, Written)}


def test_the_folded_blocks_are_the_solution(task: Task) -> None:
    """One solution, told twice."""
    for name in ("tune.py", "register.py", "promote.py", "ask.py", "MLproject"):
        assert told(task)[name] == (task.path / "solution" / name).read_text(encoding="utf-8"), name


def test_the_environment_that_is_shown_is_the_one_of_the_course(course: Course, task: Task) -> None:
    """Versions in a text grow old in silence."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (course.path / "requirements.lock").read_text(), re.MULTILINE))
    pins = dict(re.findall(r"- ([\w-]+)==(\S+)", told(task)["python_env.yaml"]))
    assert pins == {name: locked[name] for name in ("mlflow", "pandas", "scikit-learn", "skops")}
