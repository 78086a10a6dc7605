"""`mlsd check`: inspect one learner's work."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.output import OutputOption, code_of, write
from checks.cli.places import CourseOption, RebuildOption, TrustOption

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.model import SubmissionReport


class Format(StrEnum):
    """How a check is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def check(
    tasks: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK[/STEP]]...", help="Such as 4.2, or one step of it: 4.2/name.")
    ] = None,
    submission: Annotated[
        Path | None, typer.Option("--in", metavar="DIR", help="A clone, folder or archive, in place of this clone.")
    ] = None,
    rebuild: RebuildOption = False,
    trust: TrustOption = False,
    form: Annotated[Format, typer.Option("--format", help="How to write the report.")] = Format.TEXT,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show hashes whole.")] = False,
    output: OutputOption = None,
    course: CourseOption = None,
) -> int:
    """Look at your work: each step with its outcome and, where it fails, what to do next.

    Exit code: 0 everything that could be verified passed, 1 something is not done yet, 2 a mistake in the call,
    3 a check itself broke.
    """
    from checks.core.selection import select
    from checks.submissions.check import check_submission

    the_course = places.the_course(course)
    selection = select(the_course, tasks or [])
    where = submission or places.own_clone()
    if not where.exists():
        raise typer.BadParameter(f"{where} does not exist: name a clone, a folder or an archive.", param_hint="--in")
    report = check_submission(
        the_course, where, selection, places.rebuilder(the_course, rebuild, trust), here=submission is None
    )
    write(_rendered(report, the_course, form, output is None, verbose), output)
    if output is None and form is Format.TEXT and submission is None:
        places.note_activation()
    if report.problem:
        places.note(f"mlsd: {where}: {report.problem.detail}")
        return 2
    return code_of(report.steps)


def _rendered(report: SubmissionReport, course: Course, form: Format, to_screen: bool, verbose: bool) -> str:
    if form is Format.TEXT:
        from checks.reports import terminal

        color = places.colorful() and to_screen
        return terminal.render(report, color=color, width=places.width() if to_screen else 80, verbose=verbose)
    whole = course.report([report])
    if form is Format.JSON:
        from checks.reports import results

        return results.render(whole)
    from checks.reports.interface import FORMATS

    return FORMATS["junit"].export(whole).text
