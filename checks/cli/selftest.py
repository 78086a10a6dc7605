"""`mlsd selftest`: the course proves itself."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.codes import DONE, UNFINISHED
from checks.cli.places import CourseOption

if TYPE_CHECKING:
    from checks.selftest.prove import Proof


def selftest(
    tasks: Annotated[list[str] | None, typer.Argument(metavar="[TASK]...", help="Such as 1.1; all without it.")] = None,
    course: CourseOption = None,
) -> int:
    """Prove that a starter scores 0, the solution passes, and each mistake fails exactly its step."""
    from checks.selftest.edition import need_answers
    from checks.selftest.prove import prove_all

    the_course = places.the_course(course)
    need_answers(the_course)
    chosen = [the_course.task(name) for name in tasks or []] or list(the_course.tasks)
    proved = faults = skipped = 0
    with TemporaryDirectory(prefix="mlsd-selftest-", ignore_cleanup_errors=True) as scratch:
        for proof in prove_all(the_course, chosen, Path(scratch)):
            proved += 1
            faults += proof.fault is not None
            skipped += proof.skipped is not None
            typer.echo(f"{_mark(proof)}  {proof.name}")
            if proof.fault or proof.skipped:
                typer.echo(textwrap.indent(proof.fault or proof.skipped or "", " " * 12))
    left_out = f", {skipped} left out for want of a tool" if skipped else ""
    typer.echo(f"{proved - faults - skipped} proved, {faults} with a fault{left_out}")
    if skipped and os.environ.get("REQUIRE_ENGINES") == "1":
        return UNFINISHED
    return UNFINISHED if faults else DONE


def _mark(proof: Proof) -> str:
    if proof.skipped:
        return "- skipped"
    return "✓ proved " if proof.fault is None else "✗ FAULT  "
