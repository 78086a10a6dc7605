"""`mlsd grade`: judge a class and write its gradebook."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from checks.cli import places
from checks.cli.codes import DONE, OUR_FAULT
from checks.cli.places import CourseOption, RebuildOption, TrustOption

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from checks.course.course import Course
    from checks.grading.cluster import Cluster
    from checks.grading.journal import Journal
    from checks.grading.order import Work
    from checks.grading.roster import Roster
    from checks.grading.submission import Submission
    from checks.grading.totals import Totals
    from checks.grading.workers import Workers


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
    from checks.grading import seal
    from checks.grading.gradebook import write_gradebook
    from checks.grading.journal import Journal, JournalInUseError
    from checks.grading.report import cohort_report, judged_class
    from checks.grading.selection import select

    the_course = places.the_course(course)
    selection = select(the_course, tasks or [])
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file: name a folder.", param_hint="--out")
    found = _submissions(the_course, submissions, branches)
    known, due_at = _roster(roster), _due(due)
    work = (the_course, selection, places.rebuilder(the_course, rebuild, trust))
    try:
        opened = Journal(out / "results.jsonl", anew=no_cache)
    except JournalInUseError as error:
        raise typer.BadParameter(f"{error}: wait for its end, or name another folder.", param_hint="--out") from None
    except OSError as error:
        raise typer.BadParameter(f"can't write in {out}: {error.strerror}.", param_hint="--out") from None
    with opened as journal:
        _grade_all(work, found, journal, jobs, scheduler)
        names = sorted(submission.name for submission in found)
        journal.keep(names)
        wanted = {chosen.task.id for chosen in selection}
        made_of = seal.made_of(the_course, journal, names, sorted(wanted), known, due_at)
        totals = seal.unbroken(out, made_of)
        if totals is None:
            rows = judged_class(the_course, journal, names, wanted, roster=known, due=due_at)
            totals = write_gradebook(cohort_report(the_course, rows), out)
            seal.put(out, made_of, totals)
        return _summary(totals, out)


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


def _grade_all(work: Work, found: Sequence[Submission], journal: Journal, jobs: int, scheduler: str | None) -> None:
    from checks.grading.cohort import grade_all
    from checks.grading.key import task_keys

    with _crew(work, task_keys(*work), min(jobs, len(found)), scheduler) as crew:
        count = sum(_with_progress(grade_all(found, crew, journal), len(found), "grading"))
    if count < len(found):
        places.note(f"{len(found) - count} of {len(found)} have not changed since they were graded (see --no-cache)")


def _crew(work: Work, keys: Mapping[str, str], jobs: int, scheduler: str | None) -> Workers | Cluster:
    if scheduler is None:
        from checks.grading.workers import Workers

        return Workers(work, keys, jobs)
    from checks.grading.cluster import Cluster, ClusterError

    try:
        return Cluster(scheduler, work, keys)
    except ClusterError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--scheduler") from None


def _submissions(course: Course, folder: Path | None, branches: str | None) -> Sequence[Submission]:
    """What is to be graded: one at least."""
    from checks.grading.branches import NoBranchError, find_branches
    from checks.grading.cohort import find_submissions
    from checks.grading.submission import is_submission

    if folder is None and branches is not None:
        raise typer.BadParameter(
            "name the repository too: mlsd grade REPOSITORY --branches ...", param_hint="--branches"
        )
    folder = (folder or _built_example(course)).absolute()  # a cluster's workers are elsewhere
    if not folder.is_dir():
        raise typer.BadParameter(f"{folder} is no folder: name the folder that holds them.", param_hint="SUBMISSIONS")
    if branches is not None:
        try:
            return find_branches(folder, branches)
        except NoBranchError as error:
            raise typer.BadParameter(f"{error}.", param_hint="--branches") from None
    if is_submission(course, folder):
        places.note(f"{folder.name} is one learner's work itself: it is graded as a class of one")
        return [folder]
    found = find_submissions(folder)
    if not found:
        raise typer.BadParameter(
            f"{folder} is empty: put one clone or archive per learner in it.", param_hint="SUBMISSIONS"
        )
    return found


def _built_example(course: Course) -> Path:
    from checks.selftest.build import BuildError
    from checks.selftest.edition import need_answers
    from checks.selftest.example import build_example_class, buildable, example_class, is_built, typical_mistakes
    from checks.selftest.needs import missing_tool

    need_answers(course)
    if not is_built(course):
        places.note("building the example class with the real tools (once, about a minute) ...")
        tasks = buildable(course)
        for task in course.tasks:
            if task not in tasks:
                places.note(f"left out: {task.id} {task.title}, as {missing_tool(task)}")
        count = 3 + sum(len(typical_mistakes(task)) for task in tasks)
        try:
            for _ in _with_progress(build_example_class(course), count, "building"):
                pass
        except BuildError as error:
            places.note(f"mlsd: the example class could not be built: {error}")
            raise typer.Exit(OUR_FAULT) from None
    return example_class(course)


def _with_progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items, with a bar on a terminal, and a line at every quarter elsewhere."""
    if places.colorful(sys.stderr):
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=what, total=total, console=Console(stderr=True))
        return
    for count, item in enumerate(items, start=1):
        if count * 4 // total > (count - 1) * 4 // total:
            places.note(f"{what}: {count} of {total}")
        yield item


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
