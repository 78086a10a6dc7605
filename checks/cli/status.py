"""`mlsd status`: every task and step of this clone at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.places import CourseOption

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.model import SubmissionReport

_PAGE = Path(".mlsd/status.html")
"""In the clone, in the folder that Git does not keep and `mlsd submit` does not pack."""


def status(
    course: CourseOption = None,
    html: Annotated[bool, typer.Option("--html", help=f"Write a page to read in a browser, too: {_PAGE}.")] = False,
) -> int:
    """Show all tasks and steps of this clone: outcome, points, and what is next."""
    from checks.core.selection import select
    from checks.reports import terminal
    from checks.submissions.check import check_submission

    the_course = places.the_course(course)
    clone = places.own_clone()
    report = check_submission(the_course, clone, select(the_course, []), here=True)
    typer.echo(terminal.render(report, color=places.colorful(), width=places.width(), brief=True), nl=False)
    if html:
        typer.echo(f"\nYour page: {_write_page(the_course, report, clone)}")
    places.note_activation()
    return 0


def _write_page(course: Course, report: SubmissionReport, clone: Path) -> str:
    """Write the page; its address for a browser."""
    from datetime import UTC, datetime

    from checks.reports.page import learner_page

    page = clone / _PAGE
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    text = learner_page(report, course=course.id, created=created, base="../" * len(_PAGE.parent.parts))
    try:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"can't write {page}: {error.strerror}.", param_hint="--html") from None
    return page.resolve().as_uri()
