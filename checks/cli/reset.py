"""`mlsd reset`: a task folder as it was at the start."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.start import TaskArgument

if TYPE_CHECKING:
    from checks.course.task import Task
    from checks.model import Identity


def reset(
    task: TaskArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Put the starter of a task back. Your files move to a backup folder; commits and tags stay."""
    from checks.learner.identity import read_identity
    from checks.learner.reset import own_work

    chosen = places.the_course(None).task(task)
    clone = places.own_clone()
    learner = read_identity(clone)
    if learner is None:
        raise typer.BadParameter(f"you have not started yet. To start: mlsd start {chosen.id}", param_hint="TASK")
    work = own_work(chosen, clone)
    if work and not yes:
        typer.echo(f"These leave {chosen.folder}, and are kept in a backup folder:")
        typer.echo("\n".join(f"  {entry.name}" for entry in work))
        typer.confirm("Go on?", abort=True)
    typer.echo("\n".join(put_back(chosen, clone, learner)))
    return 0


def put_back(task: Task, clone: Path, learner: Identity) -> list[str]:
    """Move the learner's files into a dated backup folder and lay the starter out again; what to tell of it, in lines."""
    from checks.learner.layout import lay_out
    from checks.learner.reset import set_aside

    backup = set_aside(task, clone, datetime.now().astimezone())
    lay_out(task, clone / task.folder, learner.id)
    return [
        f"Your files are in {_shown(backup, clone)}. The starter is back in {task.folder}.",
        "Your commits and tags are as they were: `git log` shows them, `git restore` brings files back.",
        f"Next: mlsd check {task.id}",
    ]


def _shown(path: Path, clone: Path) -> str:
    return path.relative_to(clone).as_posix()
