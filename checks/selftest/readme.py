"""The words of a task: its README and `task.toml` tell the same story, its links lead somewhere, nothing is left to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.core.task import HINTS
from checks.selftest.mistake import load_mistakes
from checks.selftest.page import Page, anchor, link_faults

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
OPEN = "TO WRITE"
"""It marks a place that is still open."""
MISTAKE_FILES = ("mistake.toml", "make.sh")
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
    sections = [title for level, title in page.headings if level == "h2"]
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
    """Each entry of the table below the title that `task.toml` contradicts."""
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


def unfinished(task: Task) -> Iterator[str]:
    """Each open place, with its file and line; then each half of a mistake, and each step without one."""
    for path in sorted(path for path in task.path.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture or a model holds no open place
        for number, line in enumerate(lines, start=1):
            if OPEN in line:
                yield f"{path.relative_to(task.path).as_posix()}:{number}: {line[line.index(OPEN) :].strip()}"
    for folder in sorted(path for path in task.path.glob("mistakes/*") if path.is_dir()):
        for name in MISTAKE_FILES:
            if not (folder / name).is_file():
                yield f"mistakes/{folder.name}/{name} is missing, so this mistake is not tried"
    tried = {mistake.step for mistake in load_mistakes(task)}
    for step in task.steps:
        if step.name not in tried:
            yield f"mistakes/: none fails the step {step.name}, so nobody knows whether its check can fail"
