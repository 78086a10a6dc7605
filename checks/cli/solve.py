"""`mlsd solve`: the reference solution, or a named mistake, built with the real tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checks.cli import places
from checks.cli.codes import OUR_FAULT
from checks.cli.places import CourseOption
from checks.cli.start import TaskArgument


def solve(
    task: TaskArgument,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new folder for the clone.")],
    mistake: Annotated[
        str | None, typer.Option("--mistake", metavar="NAME", help="Build this mistake instead.")
    ] = None,
    course: CourseOption = None,
) -> int:
    """Build the reference solution of a task in a fresh clone, command by command."""
    from checks.selftest import build
    from checks.selftest.mistake import find_mistake

    the_course = places.the_course(course)
    chosen = the_course.task(task)
    wrong = find_mistake(chosen, mistake) if mistake else None
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise typer.BadParameter(f"{into} is there already: name a folder that does not exist.", param_hint="--into")
    places.note(f"building {f'the mistake {mistake}' if mistake else 'the solution'} of {chosen.id} in {into} ...")
    try:
        if wrong is None:
            build.solve(the_course, [chosen], into)
        else:
            build.make_mistake(the_course, chosen, wrong, into)
    except build.BuildError as error:
        places.note(f"mlsd: {error}")
        return OUR_FAULT
    typer.echo(f"{into} holds {f'the mistake: {wrong.title}' if wrong else 'the reference solution'}")
    typer.echo(f"Next: mlsd check {chosen.id} --in {into}")
    return 0
