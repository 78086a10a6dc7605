"""`mlsd reset`: a task folder as it was at the start."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.start import TaskArgument

if TYPE_CHECKING:
    from checks.core.task import Task
    from checks.model import Identity


def reset(
    task: TaskArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Put the starter of a task back. Your files move to a backup folder with the date in its name.

    Commits and tags stay. Nothing is deleted: what you need again, you move back.
    """
    from checks.learner.clone import read_identity
    from checks.learner.layout import own_work

    chosen, step = places.the_course(None).select(task)
    if step is not None:
        raise typer.BadParameter(f"a task is put back as a whole: mlsd reset {chosen.id}", param_hint="TASK")
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
    """Move the learner's files into a dated backup folder and lay the starter out again. Gives the report, in lines.

    Where nothing of theirs is in the task folder, there is no backup.
    """
    from checks.learner.layout import lay_out, own_work, set_aside

    told = [f"Nothing of yours was in {task.folder}: there was nothing to keep."]
    if own_work(task, clone):
        backup = set_aside(task, clone, datetime.now().astimezone())
        told = ["Your files are kept. Move back what you need from:", f"  {backup.relative_to(clone).as_posix()}"]
    lay_out(task, clone / task.folder, learner.id)
    return [
        *told,
        f"The starter is in {task.folder}.",
        "Your commits and tags stay, and the check still counts what they hold. To have the files of your last",
        "commit back, type this in the task folder: git restore .",
        f"Next: mlsd check {task.id}",
    ]
