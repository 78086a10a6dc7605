"""`mlsd solve`: the reference solution, or a named mistake, built with the real tools."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.output import DONE, OUR_FAULT
from checks.cli.places import CourseOption
from checks.cli.show import show as show_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checks.core.course import Course
    from checks.core.task import Task


def solve(
    task: Annotated[
        str | None,
        typer.Argument(metavar="[TASK]", help="Such as 4.2; with --show, 4.2/step. With --branch: all without it."),
    ] = None,
    into: Annotated[Path | None, typer.Option("--into", metavar="DIR", help="A new folder for the clone.")] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--branch", metavar="NAME", help="Make it a new branch of this clone, such as solution/reference."
        ),
    ] = None,
    mistake: Annotated[
        str | None, typer.Option("--mistake", metavar="NAME", help="Build this mistake instead.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show how the reference does a step that has passed or has no hint left.")
    ] = False,
    course: CourseOption = None,
) -> int:
    """Build the reference solution of a task in a fresh clone, command by command.

    With --into, the clone stays, with everything that the tools made. With --branch, what was committed becomes a new
    branch of the clone that you are in, and its tags stand behind the branch's name; nothing else changes there.
    """
    from checks.selftest.edition import need_answers

    the_course = places.the_course(course)
    if show:
        if task is None or into or branch or mistake:
            raise typer.BadParameter("--show takes one step such as 4.2/step, and nothing else.", param_hint="--show")
        return show_step(the_course, task, places.own_clone())
    need_answers(the_course)
    if branch is not None:
        if into is not None or mistake is not None:
            other = "--into" if into is not None else "--mistake"
            raise typer.BadParameter(f"--branch makes a branch of this clone: leave {other} out.", param_hint=other)
        tasks = [the_course.task(task)] if task else the_course.tasks
        return _solve_branch(the_course, tasks, course or places.own_clone(), branch)
    if task is None:
        raise typer.BadParameter("name a task such as 4.2 (only --branch takes them all).", param_hint="TASK")
    if into is None:
        raise typer.BadParameter("name a new folder for the clone, or a --branch.", param_hint="--into")
    return _solve_into(the_course, the_course.task(task), mistake, into)


def _solve_into(course: Course, task: Task, mistake: str | None, into: Path) -> int:
    from checks.selftest import build
    from checks.selftest.mistake import find_mistake

    wrong = find_mistake(task, mistake) if mistake else None
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise typer.BadParameter(f"{into} is there already: name a folder that does not exist.", param_hint="--into")
    places.note(f"building {f'the mistake {mistake}' if mistake else 'the solution'} of {task.id} in {into} ...")
    try:
        if wrong is None:
            build.solve(course, [task], into)
        else:
            build.make_mistake(course, task, wrong, into)
    except build.BuildError as error:
        places.note(f"mlsd: {error}")
        return OUR_FAULT
    typer.echo(f"{into} holds {f'the mistake: {wrong.title}' if wrong else 'the reference solution'}")
    typer.echo(f"Next: mlsd check {task.id} --in {into}")
    return DONE


def _solve_branch(course: Course, tasks: Sequence[Task], clone: Path, name: str) -> int:
    from checks.selftest.branch import build_branch, need_no_work, need_room
    from checks.selftest.build import BuildError, missing_tool

    need_room(clone, name)
    need_no_work(course)
    missing = {task.id: missing_tool(task) for task in tasks}
    left_out = [task for task in tasks if missing[task.id]]
    for task in left_out:
        places.note(f"left out: {task.id} {task.title}, as {missing[task.id]}")
    solvable = [task for task in tasks if task not in left_out]
    if not solvable:
        places.note("mlsd: nothing can be built here; the branch was not made")
        return OUR_FAULT
    places.note(f"building the solution of {', '.join(task.id for task in solvable)} in a fresh clone ...")
    started = monotonic()
    try:
        for task in build_branch(course, solvable, clone, name):
            places.note(f"solved {task.id} {task.title} ({monotonic() - started:.0f} s)")
    except BuildError as error:
        places.note(f"mlsd: {error}")
        return OUR_FAULT
    without = f", without {', '.join(task.id for task in left_out)}" if left_out else ""
    typer.echo(f"{name} holds the reference solution{without}")
    typer.echo(f"Next: mlsd grade {os.path.relpath(clone)} --branches '{name}' --rebuild")
    return DONE
