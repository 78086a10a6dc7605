"""`mlsd submit`: pack the learner's work into one archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.learner.packing.submission import Packed


def submit(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Where the archive goes; YOUR-ID.tar.gz in your clone without it."
        ),
    ] = None,
    with_image: Annotated[
        bool,
        typer.Option("--with-image", help="Pack the image's archive too, where a task folder has one. It is large."),
    ] = False,
) -> int:
    """Pack your work into one .tar.gz file to upload: your branch with its tags, data, stores, environments.

    In it: a Git bundle of your branch, the DVC data that your commits name, MLflow stores with their artifacts, the
    records of conda environments, the description of your image, and a list of all files with their hashes. Not in it:
    Git's settings and hooks, .dvc/config.local, and what none of the tools wrote. Nothing of your work is run, and the
    same work gives the same bytes. Look at it as it will be graded: mlsd check --in FILE
    """
    from checks.expect import Failure
    from checks.learner.packing.archive import ChangedError
    from checks.learner.packing.submission import archive_name, pack

    course = places.the_course(None)
    root = places.own_clone()
    target = output or root / archive_name(_learner_id(root))
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise typer.BadParameter(
            f"{target} is no place for a file: name one in a folder that exists.", param_hint="--output"
        )
    try:
        packed = pack(course, root, target, with_image=with_image)
    except (Failure, ChangedError) as error:
        raise typer.BadParameter(f"{error}.", param_hint="your clone") from None
    except OSError as error:
        raise typer.BadParameter(f"can't write {target}: {error.strerror}.", param_hint="--output") from None
    _tell(packed, target)
    _tell_more(packed, course, target)
    typer.echo(target)
    return 0


def _learner_id(root: Path) -> str:
    from checks.core.clone import Clone
    from checks.expect import Failure

    try:
        return Clone(root).learner.id
    except Failure as failure:
        raise typer.BadParameter(f"{failure}.", param_hint="your clone") from None


def _tell(packed: Packed, target: Path) -> None:
    from checks.reports.words import short_commit

    manifest = packed.manifest
    tasks = ", ".join(manifest.tasks)
    who = f"{manifest.learner.name} ({manifest.learner.id})" if manifest.learner.name else manifest.learner.id
    places.note(f"{who}: task{'s' * (len(manifest.tasks) > 1)} {tasks}, commit {short_commit(manifest.commit)}")
    for share in packed.shares:
        places.note(f"  {_size(share.size):>9}  {share.files:>5,} file{'s' if share.files != 1 else ' '}  {share.what}")
    places.note(f"  {_size(os.path.getsize(target)):>9}  packed, in one file")


def _tell_more(packed: Packed, course: Course, target: Path) -> None:
    """Notes for the learner: missing parts, and the call that shows the archive before it is handed in."""
    from checks.reports.escape import terminal

    for note in packed.notes:
        first, *below = map(terminal, note.split("\n"))
        places.note("\n".join([f"note: {first}", *(f"      {line}" for line in below)]))
    begun = packed.manifest.tasks
    others = [task.id for task in course.tasks if task.id not in begun]
    if others:
        places.note(f"Not in it, as you have not begun them: {', '.join(others)}")
    quote = '"' * (" " in str(target))
    places.note(f"Look at it as it will be graded: mlsd check {' '.join(begun)} --in {quote}{target}{quote}")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
