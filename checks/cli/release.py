"""`mlsd release DIR`: the learners' edition of this course."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checks.cli import places
from checks.cli.output import DONE, OUR_FAULT


def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> int:
    """Make the learners' edition: the last commit without solutions, mistakes and tests, as a repository of its own.

    What is left out, and why, stands in checks/selftest/edition.py.
    """
    from checks.selftest.build import BuildError
    from checks.selftest.edition import LEFT_OUT, make_edition, need_answers

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise typer.BadParameter(f"{folder} is there already: name a folder that does not exist.", param_hint="DIR")
    course = places.the_course(None)
    need_answers(course)
    try:
        make_edition(course, folder)
    except (BuildError, OSError) as error:
        places.note(f"mlsd: {error}")
        return OUR_FAULT
    typer.echo(f"{folder} holds the learners' edition of {course.id} {course.version}, as one commit")
    places.note(f"Left out: {', '.join(LEFT_OUT)}")
    places.note(f"Next: cd {folder}, then make check")
    return DONE
