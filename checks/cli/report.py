"""`mlsd report`: results that are there already, written in another form."""

from __future__ import annotations

import os
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli.output import DONE, OutputOption, write, write_each
from checks.cli.places import note
from checks.reports.interface import FORMATS, NotExportableError, Options, Source

if TYPE_CHECKING:
    from checks.model import CohortReport

Format = StrEnum("Format", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc] # the names are a registry's


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

    chosen = FORMATS[form]
    if not chosen.fills and (into or assignment):
        raise typer.BadParameter(
            f"--format {form} has none: leave it out.", param_hint="--into" if into else "--assignment"
        )
    try:
        known = load(results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise typer.BadParameter(f"can't read {results}: {reason}", param_hint="RESULTS") from None
    if chosen.single:
        _write_each(known, form, output)
        return DONE
    try:
        options = Options(_course_address(), assignment=assignment, into=_downloaded(into) if into else None)
        export = chosen.export(known, options)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--into") from None
    write(export.text, output)
    for line in export.notes:
        note(line)
    return DONE


def _downloaded(path: Path) -> Source:
    """A file from an LMS, its line ends kept. Raises ValueError, with one sentence."""
    from checks import limits

    try:
        with path.open("rb") as file:
            data = file.read(limits.GRADEBOOK_BYTES + 1)
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}.") from None
    if len(data) > limits.GRADEBOOK_BYTES:
        raise ValueError(f"{path} is larger than {limits.GRADEBOOK_BYTES >> 20} MiB, which no gradebook is.")
    try:
        return Source(path.name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1:,} is no UTF-8"
        raise ValueError(f"{path}: {reason}. Use the file as it was downloaded, or save it as CSV UTF-8.") from None


def _write_each(known: CohortReport, form: Format, output: Path | None) -> None:
    """Write a file for each submission; where there is one, to `output` itself."""
    from checks.reports.escape import file_name

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
    options = Options(runner=os.environ if single else {})
    for submission in known.submissions:
        name = file_name(submission.submission, taken, ".json")
        try:
            files[name] = FORMATS[form].export(replace(known, submissions=(submission,)), options).text
        except NotExportableError as error:
            if single:
                raise typer.BadParameter(f"{error}.", param_hint="RESULTS") from None
            note(str(error))
    if single:
        write(next(iter(files.values())), output)
    elif output is not None:
        write_each(files, output)


def _course_address() -> str:
    """Where links to the READMEs lead: in a job of GitHub Actions to the commit that it runs for, else into a clone."""
    parts = [os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")]
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/" if all(parts) else ""
