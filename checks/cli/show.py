"""`mlsd solve TASK/STEP --show`: how the reference does one step, for who has done it or has seen every hint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from checks.cli import places
from checks.cli.output import DONE, UNFINISHED

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Step, Task
    from checks.selftest.walkthrough import Action, Written

_INDENT = "  "


def show(course: Course, name: str, clone: Path) -> int:
    """Print the step's part of the way that `mlsd selftest` follows to prove the task; or say what must come first."""
    from checks.learner.hints import hints_shown

    task, step = course.select(name)
    if step is None:
        steps = ", ".join(f"{task.id}/{one.name}" for one in task.steps)
        raise typer.BadParameter(f"--show takes one step: {steps}.", param_hint="TASK")
    left = len(step.hints) - hints_shown(clone, f"{task.id}/{step.name}")
    if left > 0 and not _has_passed(course, task, step, clone):
        hints = "1 hint is" if left == 1 else f"{left} hints are"
        places.note(
            f"{task.id}/{step.name} has not passed yet, and {hints} left: mlsd hint {task.id} {step.name}. "
            "The reference is shown after the last one, or when the step has passed."
        )
        return UNFINISHED
    typer.echo("\n".join(_lines(task, step, clone / task.folder)))
    return DONE


def _has_passed(course: Course, task: Task, step: Step, clone: Path) -> bool:
    from checks.core.selection import Selection
    from checks.model import Outcome
    from checks.submissions.check import check_submission

    report = check_submission(course, clone, [Selection(task, frozenset({step.name}))], here=True)
    return any(one.step == f"{task.id}/{step.name}" and one.outcome is Outcome.PASSED for one in report.steps)


def _lines(task: Task, step: Step, folder: Path) -> Iterator[str]:
    from checks.selftest.walkthrough import sections

    yield f"{task.id}/{step.name}  {step.title}"
    yield "One way that passes (another one that leads there is as good):"
    readme = (task.path / "README.md").read_text(encoding="utf-8")
    for section in sections(readme):
        if section.step == step.name:
            for action in section.actions:
                yield from _told(action, folder)
    yield ""
    yield f"Why so: {task.see(step)}"


def _told(action: Action, folder: Path) -> Iterator[str]:
    """The actions of a section, without the check at its end and without expected output."""
    from checks.selftest.walkthrough import Replaced, Served, Typed, Written

    if isinstance(action, Typed):
        lines = [line for line in action.text.splitlines() if not line.startswith("mlsd check")]
        yield from _block("type" if lines else "", lines)
    elif isinstance(action, Served):
        yield from _block("start, in a second terminal", [action.command])
    elif isinstance(action, Replaced):
        replaced = "line" if action.count == 1 else f"{action.count} lines"
        yield from _block(
            f"in {action.name}, in the place of the {replaced} from `{action.line}`", action.text.splitlines()
        )
    elif isinstance(action, Written):
        yield from _file(action, folder)


def _file(action: Written, folder: Path) -> Iterator[str]:
    """A file: whole, or where the learner has one of this name, how it differs."""
    from difflib import unified_diff

    try:
        yours = (folder / action.name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield from _block(f"write {action.name}", action.text.splitlines())
        return
    difference = list(unified_diff(yours.splitlines(), action.text.splitlines(), "yours", "the reference", lineterm=""))
    yield from _block(f"{action.name}, against yours" if difference else f"{action.name} is as yours", difference)


def _block(title: str, lines: list[str]) -> Iterator[str]:
    from checks.reports.escape import terminal

    if title:
        yield ""
        yield f"{title}:" if lines else f"{title}."
        yield from (f"{_INDENT}{terminal(line)}".rstrip() for line in lines)
