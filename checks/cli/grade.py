"""`mlsd grade`: judge a class and write its gradebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli import places
from checks.cli.output import DONE, INTERRUPTED, OUR_FAULT, with_progress
from checks.cli.places import CourseOption, RebuildOption, TrustOption
from checks.cli.submissions import submissions_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from checks.grading.gradebook import Totals
    from checks.grading.job import Assignment
    from checks.grading.journal import Journal
    from checks.grading.roster import Roster
    from checks.submissions.submission import Submission


def grade(
    submissions: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SUBMISSIONS]", help="A folder with one clone, folder or archive per learner, or one clone."
        ),
    ] = None,
    branches: Annotated[
        str | None,
        typer.Option("--branches", metavar="GLOB", help="SUBMISSIONS is one repository: grade these branches of it."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the gradebook goes.")] = Path("reports"),
    tasks: Annotated[
        list[str] | None, typer.Option("--task", metavar="TASK", help="Only this one; repeatable.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", metavar="CSV", help="Who is in the class: id, name, email, source, extension."),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="ISO", help="When it is due, such as 2026-11-30 or 2026-11-30T18:00+01:00."),
    ] = None,
    rebuild: RebuildOption = False,
    trust: TrustOption = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Processes.")] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="A Dask cluster that grades, such as tcp://10.0.0.5:8786."),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Grade everything anew, also what has not changed since.")
    ] = False,
    course: CourseOption = None,
) -> int:
    """Grade a class: results.json, gradebook.csv, index.html and feedback for each learner.

    Results are kept in results.jsonl of DIR as they come: a run that was interrupted goes on where it stopped, and the
    next run grades only what has changed: a submission, or a task's checker.

    Without SUBMISSIONS, the bundled example class is built (once) and graded. With --branches 'solution/*', each such
    branch of a repository is graded as it was committed, without being checked out. Exit code: 0 the report was written,
    whatever the scores; 2 a mistake in the call; 3 a check itself broke, with a report for everything else.
    """
    from checks.core.selection import select
    from checks.grading.job import Assignment

    the_course = places.the_course(course)
    selection = select(the_course, tasks or [])
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file: name a folder.", param_hint="--out")
    found = submissions_at(the_course, selection, submissions, branches)
    known, due_at = _roster(roster), _due(due)
    assignment = Assignment(the_course, selection, places.rebuilder(the_course, rebuild, trust))
    with _journal(out, anew=no_cache) as journal:
        try:
            _grade_all(assignment, found, journal, jobs, scheduler)
        except KeyboardInterrupt:
            places.note(f"mlsd: interrupted; results until then are in {out}: the same call goes on from there")
            return INTERRUPTED
        names = sorted(submission.name for submission in found)
        journal.keep(names)
        return _summary(_gradebook(assignment, journal, names, known, due_at, out), out)


def _journal(out: Path, *, anew: bool) -> Journal:
    from checks.grading.journal import Journal, JournalInUseError

    try:
        return Journal(out / "results.jsonl", anew=anew)
    except JournalInUseError as error:
        raise typer.BadParameter(f"{error}: wait for its end, or name another folder.", param_hint="--out") from None
    except OSError as error:
        raise typer.BadParameter(f"can't write in {out}: {error.strerror}.", param_hint="--out") from None


def _gradebook(
    assignment: Assignment,
    journal: Journal,
    names: Sequence[str],
    roster: Roster | None,
    due: datetime | None,
    out: Path,
) -> Totals:
    from checks.grading.gradebook import write_gradebook
    from checks.grading.rows import class_rows

    course = assignment.course
    rows = class_rows(
        course, journal, names, [chosen.task.id for chosen in assignment.selection], roster=roster, due=due
    )
    return write_gradebook(course.report(rows), out)


def _roster(path: Path | None) -> Roster | None:
    if path is None:
        return None
    from checks.grading.roster import RosterError, read_roster

    try:
        return read_roster(path)
    except RosterError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--roster") from None


def _due(text: str | None) -> datetime | None:
    if text is None:
        return None
    from checks.grading.late import NoTimeError, parse_due

    try:
        due = parse_due(text)
    except NoTimeError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--due") from None
    places.note(f"due: {due.shown}")
    return due.at


def _grade_all(
    assignment: Assignment, found: Sequence[Submission], journal: Journal, jobs: int, scheduler: str | None
) -> None:
    from checks.grading.cluster import Cluster, ClusterError
    from checks.grading.cohort import Cohort
    from checks.grading.keys import task_keys
    from checks.grading.pool import LocalPool

    keys = task_keys(assignment)
    try:
        with (
            Cluster(scheduler, assignment, keys) if scheduler else LocalPool(assignment, min(jobs, len(found))) as pool
        ):
            cohort = Cohort(assignment, keys, pool, journal)
            count = sum(with_progress(cohort.grade(found), len(found), "grading"))
    except ClusterError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--scheduler") from None
    if count < len(found):
        places.note(f"{len(found) - count} of {len(found)} have not changed since they were graded (see --no-cache)")


def _summary(totals: Totals, out: Path) -> int:
    absent = f"; {_counted(totals.missing, 'learner')} handed nothing in" if totals.missing else ""
    read = f"{totals.full_marks} with full marks, {totals.unread} that could not be read"
    typer.echo(f"{_counted(totals.submissions, 'submission')}: {read}{absent}")
    if totals.with_findings:
        count = _counted(totals.with_findings, "submission")
        typer.echo(f"Something to look at (no points) in {count}: see `findings` in the gradebook")
    if totals.broken:
        typer.echo(
            f"{_counted(totals.broken, 'check')} broke: that is our fault, and no learner's zero; see the rows marked `error`"
        )
    typer.echo(f"Gradebook: open {out / 'index.html'} in a browser")
    typer.echo(f"           {out / 'gradebook.csv'}, {out / 'results.json'}, {out / 'feedback'}{os.sep}")
    return OUR_FAULT if totals.broken else DONE


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
