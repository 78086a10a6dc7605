"""`mlsd selftest`: the course proves itself."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.output import DONE, UNFINISHED
from checks.cli.places import CourseOption

if TYPE_CHECKING:
    from checks.selftest.prove import Proof


def selftest(
    tasks: Annotated[list[str] | None, typer.Argument(metavar="[TASK]...", help="Such as 4.2; all without it.")] = None,
    course: CourseOption = None,
) -> int:
    """Prove each task: README, starter, solution, evidence, mistakes.

    The starter scores 0. The solution passes, also when it is made again from its commit, and so does whoever follows
    the README word for word. Each change of the evidence is refused, or explained. Each mistake fails exactly its step.
    """
    from checks.selftest.edition import need_answers
    from checks.selftest.prove import prove_all

    the_course = places.the_course(course)
    need_answers(the_course)
    chosen = [the_course.task(name) for name in tasks or []] or list(the_course.tasks)
    with TemporaryDirectory(prefix="mlsd-selftest-", ignore_cleanup_errors=True) as scratch:
        proofs = list(_told(prove_all(the_course, chosen, Path(scratch))))
    typer.echo("\n".join(_table(proofs)))
    faults = sum(proof.fault is not None for proof in proofs)
    skipped = sum(proof.skipped is not None for proof in proofs)
    left_out = f", {skipped} left out for want of a tool" if skipped else ""
    typer.echo(f"{len(proofs) - faults - skipped} proved, {faults} with a fault{left_out}")
    if skipped and os.environ.get("REQUIRE_ENGINES") == "1":
        return UNFINISHED
    return UNFINISHED if faults else DONE


def _told(proofs: Iterable[Proof]) -> Iterator[Proof]:
    """Give the proofs, and print each as it comes: a fault in full, the rest as a line that a terminal overwrites."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("building ...") as status:
        for count, proof in enumerate(proofs, start=1):
            status.update(f"{count} so far; the last: {proof.name}")
            if why := proof.fault or proof.skipped:
                status.stop()
                typer.echo(f"{_mark(proof)}  {proof.name}\n{textwrap.indent(why, ' ' * 12)}")
                status.start()
            elif not console.is_terminal:
                places.note(f"{_mark(proof)}  {proof.name}")
            yield proof


def _table(proofs: Sequence[Proof]) -> Iterator[str]:
    """A line for each task: how many proofs of each kind hold."""
    from checks.selftest.prove import About

    yield "        " + "".join(f"{about:<12}" for about in About).rstrip()
    for task in sorted({proof.task for proof in proofs}):
        cells = (_cell([proof for proof in proofs if (proof.task, proof.about) == (task, about)]) for about in About)
        yield f"  {task:<6}" + "".join(f"{cell:<12}" for cell in cells).rstrip()


def _cell(proofs: Sequence[Proof]) -> str:
    held = sum(not (proof.fault or proof.skipped) for proof in proofs)
    if not proofs or any(proof.skipped for proof in proofs):
        return "-"
    return f"{'✓' if held == len(proofs) else '✗'} {held} of {len(proofs)}"


def _mark(proof: Proof) -> str:
    if proof.skipped:
        return "- skipped"
    return "✓ proved " if proof.fault is None else "✗ FAULT  "
