"""`mlsd hint`: three hints a step, one at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.start import TaskArgument

if TYPE_CHECKING:
    from checks.course.course import Course
    from checks.course.task import Step, Task


def hint(
    task: TaskArgument,
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="The first unfinished one without it.")] = None,
) -> int:
    """Show the next hint for a step: where to look, what to do, then the command."""
    from checks.learner.hints import next_hint

    course = places.the_course(None)
    clone = places.own_clone()
    chosen, named = course.select(f"{task.rstrip('/')}/{step}" if step else task)
    wanted = named or _unfinished(course, clone, chosen)
    if wanted is None:
        typer.echo(f"Every step of task {chosen.id} is done.")
        return 0
    level, text = next_hint(clone, f"{chosen.id}/{wanted.name}", wanted.hints)
    typer.echo(f"{chosen.id}/{wanted.name}  {wanted.title}\nhint {level} of {len(wanted.hints)}\n")
    typer.echo("\n".join(f"  {line}" for line in text.splitlines()))
    if level < len(wanted.hints):
        typer.echo(f"\nNot enough? The next one: mlsd hint {chosen.id} {wanted.name}")
    else:
        typer.echo(f"\nThat was the last hint. Read more: {chosen.see(wanted)}")
    return 0


def _unfinished(course: Course, clone: Path, task: Task) -> Step | None:
    from checks.grading.grade import grade_path
    from checks.grading.selection import Selection
    from checks.model import Outcome

    report = grade_path(course, clone, [Selection(task)], here=True)
    done = {result.step for result in report.steps if result.outcome is Outcome.PASSED}
    return next((step for step in task.steps if f"{task.id}/{step.name}" not in done), None)
