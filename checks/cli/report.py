"""`mlsd report`: results that are there already, written in another form."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli.output import DONE, OutputOption, write, write_each
from checks.cli.places import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from checks.model import CohortReport, SubmissionReport
    from checks.reports.export import Export


class Format(StrEnum):
    """How results are written."""

    HTML = "html"
    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    CLASSROOM = "classroom"
    CLASSROOM50 = "classroom50"
    JUNIT = "junit"
    CTRF = "ctrf"
    MARKDOWN = "markdown"
    ANNOTATIONS = "annotations"


EACH = (Format.GRADESCOPE, Format.CLASSROOM, Format.CLASSROOM50)
"""The formats that hold one submission."""


def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The results.json of `mlsd grade` or `check`.")],
    form: Annotated[Format, typer.Option("--format", help="How to write them; docs/lms.md says what each is for.")],
    output: OutputOption = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="FILE", help="canvas, moodle: fill the grades into this downloaded file."),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", metavar="NAME", help="canvas, moodle: what the column of grades is called."),
    ] = None,
) -> int:
    """Write results again in another form, without grading again. Exit code 0: written, whatever the scores.

    gradescope, classroom and classroom50 hold one submission: for a class, --output names a folder, and each
    submission gets a file in it. canvas and moodle are for their gradebooks: with --into, only the cells of learners
    with a grade change in the copy that is written; without it, a new file for their import is written (moodle: the
    gradebook's CSV import). Who could not be matched, who has no grade and why is said on standard error.
    """
    from checks.reports.results import load

    if form not in {Format.CANVAS, Format.MOODLE} and (into or assignment):
        raise typer.BadParameter(
            f"--format {form} has none: leave it out.", param_hint="--into" if into else "--assignment"
        )
    try:
        known = load(results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise typer.BadParameter(f"can't read {results}: {reason}", param_hint="RESULTS") from None
    if form in EACH:
        _write_each(known, form, output)
    elif form in {Format.CANVAS, Format.MOODLE}:
        export = _for_lms(known, form, into, assignment)
        write(export.text, output)
        for line in export.notes:
            note(line)
    else:
        write(_rendered(known, form), output)
    return DONE


def _rendered(known: CohortReport, form: Format) -> str:
    from checks.reports import annotations, csv, ctrf, gradebook_page, junit, markdown

    if form is Format.MARKDOWN:
        return "\n".join(markdown.render(submission, base=_course_address()) for submission in known.submissions)
    of_class: dict[Format, Callable[[CohortReport], str]] = {
        Format.HTML: gradebook_page.render,
        Format.CSV: csv.render,
        Format.JUNIT: junit.render,
        Format.CTRF: ctrf.render,
        Format.ANNOTATIONS: annotations.render,
    }
    return of_class[form](known)


def _for_lms(known: CohortReport, form: Format, into: Path | None, assignment: str | None) -> Export:
    from checks.reports import canvas, moodle
    from checks.reports.export import heading

    if into is None:
        name = assignment or heading(known)
        return canvas.render(known, name) if form is Format.CANVAS else moodle.render(known, name)
    if form is Format.MOODLE and assignment:
        raise typer.BadParameter("a worksheet has one column of grades: leave it out.", param_hint="--assignment")
    try:
        text = _downloaded(into)
        if form is Format.CANVAS:
            return canvas.merge(known, text, into.name, assignment)
        return moodle.merge(known, text, into.name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--into") from None


def _downloaded(path: Path) -> str:
    """The text of a file from an LMS, its line ends kept. Raises ValueError, with one sentence."""
    from checks import limits

    try:
        with path.open("rb") as file:
            data = file.read(limits.GRADEBOOK_BYTES + 1)
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}.") from None
    if len(data) > limits.GRADEBOOK_BYTES:
        raise ValueError(f"{path} is larger than {limits.GRADEBOOK_BYTES >> 20} MiB, which no gradebook is.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1:,} is no UTF-8"
        raise ValueError(f"{path}: {reason}. Use the file as it was downloaded, or save it as CSV UTF-8.") from None


def _write_each(known: CohortReport, form: Format, output: Path | None) -> None:
    """Write a file for each submission; where there is one, to `output` itself."""
    from checks.reports.export import NotExportableError
    from checks.reports.names import file_name

    if not known.submissions:
        raise typer.BadParameter("there is no submission in it.", param_hint="RESULTS")
    single = len(known.submissions) == 1
    if not single and output is None:
        raise typer.BadParameter(
            f"--format {form} holds one submission, and {len(known.submissions)} are there: name a folder for them.",
            param_hint="--output",
        )
    files: dict[str, str] = {}
    taken: set[str] = set()
    for submission in known.submissions:
        name = file_name(submission.submission, taken, ".json")
        try:
            files[name] = _one(submission, known, form, single=single)
        except NotExportableError as error:
            if single:
                raise typer.BadParameter(f"{error}.", param_hint="RESULTS") from None
            note(str(error))
    if single:
        write(next(iter(files.values())), output)
    elif output is not None:
        write_each(files, output)


def _one(submission: SubmissionReport, known: CohortReport, form: Format, *, single: bool) -> str:
    from checks.reports import classroom, classroom50, gradescope

    if form is Format.CLASSROOM50:
        in_runner = single and classroom50.RUNNER in os.environ
        return classroom50.render(submission, known, os.environ if in_runner else {})
    return gradescope.render(submission) if form is Format.GRADESCOPE else classroom.render(submission)


def _course_address() -> str:
    """Where links to the READMEs lead: in a job of GitHub Actions to the commit that it runs for, else into a clone."""
    parts = [os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")]
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/" if all(parts) else ""
