"""Whether a task's README and its metadata tell the same story: headings, steps, anchors, points; and its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.core.task import HINTS
from checks.selftest.links import link_faults
from checks.selftest.markdown import Page, anchor

if TYPE_CHECKING:
    from checks.core.task import Task

HEADINGS = (
    "Why this matters",
    "What you will learn",
    "The idea in one picture",
    "Before you start",
    "Set up",
    "Steps",
    "Check your work",
    "Troubleshooting",
    "Under the hood",
    "Challenge",
    "Knowledge check",
    "In production",
    "Further reading",
    "For instructors",
)
_SECTION = re.compile(r"^## (?P<title>.+?)\s*$", re.MULTILINE)
_HEAD = re.compile(r"^\| Time \| Level \| Needs \| Tools \| Points \|\n\|[-|]+\|\n(?P<row>\|.*\|)$", re.MULTILINE)
_POINTS = re.compile(r"^\| `(?P<step>\w+)` \| (?P<points>[\d.]+) \|", re.MULTILINE)
"""A row of the instructors' table."""
_STEP = re.compile(r"^### (?P<title>\d+\. .+?)\s*\n+<!-- step: (?P<step>[a-z0-9_]+) -->", re.MULTILINE)


def readme_faults(task: Task) -> Iterator[str]:
    """Each way in which README and `task.toml` do not agree, in one sentence."""
    where = task.path / "README.md"
    if not where.is_file():
        yield f"{task.folder}/README.md is missing"
        return
    page = Page(where)
    text = page.text
    sections = [match["title"] for match in _SECTION.finditer(page.prose)]
    if sections != list(HEADINGS):
        yield f"README headings are {sections}, not {list(HEADINGS)}"
    told = [(match["step"], anchor(match["title"])) for match in _STEP.finditer(text)]
    declared = [(step.name, step.anchor) for step in task.steps]
    if told != declared:
        yield f"README steps are {told}, task.toml has {declared}"
    yield from _head_faults(text, task)
    told_points = {match["step"]: float(match["points"]) for match in _POINTS.finditer(text)}
    for step in task.steps:
        if told_points.get(step.name, step.points) != step.points:
            yield f"README gives {step.name} {told_points[step.name]:g} points, task.toml {step.points:g}"
    yield from link_faults(page, task.path.parents[1])
    for step in task.steps:
        if len(step.hints) != HINTS or not all(hint.strip() for hint in step.hints):
            yield f"step {step.name} has no {HINTS} hints with words in them"


def _head_faults(text: str, task: Task) -> Iterator[str]:
    """What the table below the title says of the task, and `task.toml` does not."""
    head = _HEAD.search(text)
    if head is None:
        yield "README has no table | Time | Level | Needs | Tools | Points |"
        return
    time, level, needs, tools, points = (cell.strip() for cell in head["row"].strip("|").split("|"))
    if (time, level, points) != (f"{task.minutes} minutes", task.level, f"{task.points:g} points"):
        wanted = f"{task.minutes} minutes, {task.level}, {task.points:g} points"
        yield f"README's table says {time}, {level}, {points}; task.toml says {wanted}"
    for tool in task.tools:
        if tool not in tools.lower():
            yield f"README's table does not name the tool {tool}"
    for other in task.needs:
        if other not in needs:
            yield f"README's table does not say that task {other} comes first"
