"""`mlsd start`: lay out a task in the learner's clone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.model import Identity

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="Such as 4.2.")]


def start(
    task: Annotated[str | None, typer.Argument(metavar="[TASK]", help="Such as 4.2; the next task without it.")] = None,
    learner_id: Annotated[
        str | None, typer.Option("--id", help="Who you are: your e-mail address, or the id that your course gave you.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Your name, as your instructor knows it.")] = None,
) -> int:
    """Begin a task: your branch, the starter files and your own data, never over your work."""
    from checks.learner.clone import keep_identity, switch_to_solution
    from checks.learner.layout import Placement, lay_out

    course = places.the_course(None)
    clone = places.own_clone()
    chosen = course.task(task) if task else _next_task(course, clone)
    learner = _identify(clone, learner_id, name)
    branch, created = switch_to_solution(clone, learner.id)
    keep_identity(clone, learner)
    typer.echo(f"{'New branch' if created else 'On branch'} {branch}")
    folder = clone / chosen.folder
    for placed in lay_out(chosen, folder, learner.id):
        mark = "+" if placed.placement is Placement.WRITTEN else " "
        typer.echo(f"  {mark} {placed.path}  ({placed.placement})")
    typer.echo(f"\nTask {chosen.id} {chosen.title}: about {chosen.minutes} minutes, for {learner.name} ({learner.id})")
    typer.echo("Next:")
    if Path.cwd() != folder:
        typer.echo(f"  cd {os.path.relpath(folder)}")
    typer.echo(f"  open README.md there and do step 1, then: mlsd check {chosen.id}")
    places.note_activation()
    return 0


def _next_task(course: Course, clone: Path) -> Task:
    """The first task that is not finished; the last one where all are."""
    from checks.core.selection import select
    from checks.model import Outcome
    from checks.submissions.check import check_submission

    report = check_submission(course, clone, select(course, []), here=True)
    unfinished = [task.task for task in report.tasks if any(step.outcome is not Outcome.PASSED for step in task.steps)]
    return course.task(unfinished[0]) if unfinished else course.tasks[-1]


def _identify(clone: Path, learner_id: str | None, name: str | None) -> Identity:
    """Who the learner is: as written in the clone, else as asked for now."""
    from checks.expect import Failure
    from checks.learner.clone import read_identity

    try:
        known = read_identity(clone)
    except Failure as failure:
        raise typer.BadParameter(f"{failure}.", param_hint="learner.toml") from None
    if known and learner_id and learner_id.strip() != known.id:
        raise typer.BadParameter(
            f"this clone belongs to {known.id}, and its data is made from that id. "
            f"Work as {known.id}, or start again in a fresh clone.",
            param_hint="--id",
        )
    return known or _ask(clone, learner_id, name)


def _ask(clone: Path, learner_id: str | None, name: str | None) -> Identity:
    from checks.core.learner import format_learner, parse_learner
    from checks.expect import Failure
    from checks.learner.clone import git_identity
    from checks.model import Identity

    suggested_name, suggested_id = git_identity(clone)
    if learner_id is None:
        learner_id = typer.prompt("Your id (your e-mail address, or what your course gave you)", suggested_id)
        name = name or typer.prompt("Your name", suggested_name or learner_id)
    try:
        return parse_learner(format_learner(Identity(learner_id, name or suggested_name or learner_id)).encode())
    except Failure as failure:
        raise typer.BadParameter(f"{learner_id!r}: expected {failure.expected}.", param_hint="--id") from None
