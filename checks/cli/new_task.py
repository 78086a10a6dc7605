"""`mlsd new-task`: the scaffold of a task."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from checks.cli import places
from checks.cli.output import DONE
from checks.cli.places import CourseOption


def new_task(
    number: Annotated[str, typer.Argument(metavar="N.M", help="Module and task, such as 1.3.")],
    title: Annotated[str, typer.Argument(help="The task's title; its folder is named after it.")],
    course: CourseOption = None,
) -> int:
    """Write a new task's folder, with everything in its place. docs/authors.md tells how to go on."""
    from checks.selftest.new_task import write_task

    folder = write_task(places.the_course(course), number, title)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        typer.echo(os.path.relpath(path))
    typer.echo(f"Next: mlsd selftest {number} says what is still to write")
    return DONE
