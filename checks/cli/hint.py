"""`mlsd hint`: three hints a step, one at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.start import TaskArgument

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Step, Task


def hint(
    task: TaskArgument,
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="The first unfinished one without it.")] = None,
) -> int:
    """Show the next hint for a step: where to look, what to do, then the command."""
    course = places.the_course(None)
    clone = places.own_clone()
    chosen, named = course.select(f"{task.rstrip('/')}/{step}" if step else task)
    wanted = named or _unfinished(course, clone, chosen)
    if wanted is None:
        typer.echo(f"Every step of task {chosen.id} is done.")
        return 0
    typer.echo("\n".join(told(clone, chosen, wanted)))
    return 0


def told(clone: Path, task: Task, step: Step) -> list[str]:
    """The next hint of a step, in lines, with the way to the one after it. It is remembered as shown."""
    from checks.learner.hints import next_hint

    level, text = next_hint(clone, f"{task.id}/{step.name}", step.hints)
    if level < len(step.hints):
        after = [f"Not enough? The next one: mlsd hint {task.id} {step.name}"]
    else:
        after = [
            f"That was the last hint. Read more: {task.see(step)}",
            f"How the reference does it: mlsd solve {task.id}/{step.name} --show",
        ]
    title = [f"{task.id}/{step.name}  {step.title}", f"hint {level} of {len(step.hints)}", ""]
    return [*title, *(f"  {line}" for line in text.splitlines()), "", *after]


def _unfinished(course: Course, clone: Path, task: Task) -> Step | None:
    from checks.core.selection import Selection
    from checks.model import Outcome
    from checks.submissions.check import check_submission

    report = check_submission(course, clone, [Selection(task)], here=True)
    done = {result.step for result in report.steps if result.outcome is Outcome.PASSED}
    return next((step for step in task.steps if f"{task.id}/{step.name}" not in done), None)
