"""What the course itself shows of a task's code: who writes that has copied from nobody.

The starters, the READMEs and the hints of all tasks, as code is carried from task to task; and the reference solutions,
where the course holds them: two learners who follow a README word for word arrive at the same lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from checks.core.course import load_course
from checks.findings.code import runs

if TYPE_CHECKING:
    from pathlib import Path

    from checks.core.task import Task

_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FOLDERS = ("starter", "solution")


@lru_cache(maxsize=4)
def given_runs(course: Path) -> frozenset[int]:
    """The runs of words in the code of a course folder."""
    found: set[int] = set()
    for task in load_course(course).tasks:
        for source in _sources(task):
            found |= runs(source)
    return frozenset(found)


def _sources(task: Task) -> list[str]:
    scripts = [path for folder in _FOLDERS for path in sorted((task.path / folder).rglob("*.py"))]
    readme = task.path / "README.md"
    shown = _BLOCK.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
    hints = [hint for step in task.steps for hint in step.hints]
    return [path.read_text(encoding="utf-8") for path in scripts] + shown + hints
