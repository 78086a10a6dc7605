"""What is still to write in a task: the places that `mlsd new-task` left open, and steps that nobody tries to get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.selftest.mistake import load_mistakes

if TYPE_CHECKING:
    from checks.core.task import Task

OPEN = "TO WRITE"
"""It marks a place that is still open."""
MISTAKE_FILES = ("mistake.toml", "make.sh")


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
