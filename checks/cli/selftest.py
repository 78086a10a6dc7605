"""`mlsd selftest`: the course proves itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from checks.cli import places
from checks.cli.codes import DONE, UNFINISHED
from checks.cli.places import CourseOption


def selftest(
    tasks: Annotated[list[str] | None, typer.Argument(metavar="[TASK]...", help="Such as 1.1; all without it.")] = None,
    course: CourseOption = None,
) -> int:
    """Prove that a starter scores 0, the solution passes, and each mistake fails exactly its step."""
    from checks.selftest.prove import prove

    the_course = places.the_course(course)
    chosen = [the_course.task(name) for name in tasks or []] or list(the_course.tasks)
    proved = faults = 0
    with TemporaryDirectory(prefix="mlsd-selftest-", ignore_cleanup_errors=True) as scratch:
        for task in chosen:
            folder = Path(scratch, task.id)
            folder.mkdir()
            for proof in prove(the_course, task, folder):
                proved += 1
                faults += proof.fault is not None
                typer.echo(f"{'✓ proved' if proof.fault is None else '✗ FAULT '}  {proof.name}")
                if proof.fault is not None:
                    typer.echo("\n".join(f"            {line}" for line in proof.fault.splitlines()))
    typer.echo(f"{proved - faults} proved, {faults} with a fault")
    return UNFINISHED if faults else DONE
