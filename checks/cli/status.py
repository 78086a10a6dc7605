"""`mlsd status`: every task and step of this clone at a glance."""

from __future__ import annotations

import typer

from checks.cli import places
from checks.cli.places import CourseOption


def status(course: CourseOption = None) -> int:
    """Show all tasks and steps of this clone: outcome, points, and what is next."""
    from checks.grading.grade import grade_path
    from checks.grading.selection import select
    from checks.reports import terminal

    the_course = places.the_course(course)
    report = grade_path(the_course, places.own_clone(), select(the_course, []), here=True)
    typer.echo(terminal.render(report, color=places.colorful(), width=places.width(), brief=True), nl=False)
    places.note_activation()
    return 0
