"""`mlsd report`: results that are there already, written in another form."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.cli.codes import DONE
from checks.cli.output import OutputOption, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from checks.model import CohortReport


class Format(StrEnum):
    """How results are written."""

    HTML = "html"
    CSV = "csv"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    ANNOTATIONS = "annotations"


def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The results.json of `mlsd grade` or `check`.")],
    form: Annotated[Format, typer.Option("--format", help="How to write them; `annotations` is for GitHub Actions.")],
    output: OutputOption = None,
) -> int:
    """Write results again in another form, without grading again. Exit code 0: written, whatever the scores."""
    from checks.reports.results import load

    try:
        known = load(results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise typer.BadParameter(f"can't read {results}: {reason}", param_hint="RESULTS") from None
    write(_rendered(known, form), output)
    return DONE


def _rendered(known: CohortReport, form: Format) -> str:
    from checks.reports import annotations, csv, html, junit, markdown

    if form is Format.MARKDOWN:
        return "\n".join(markdown.render(submission, base=_course_address()) for submission in known.submissions)
    of_class: dict[Format, Callable[[CohortReport], str]] = {
        Format.HTML: html.render,
        Format.CSV: csv.render,
        Format.JUNIT: junit.render,
        Format.ANNOTATIONS: annotations.render,
    }
    return of_class[form](known)


def _course_address() -> str:
    """Where links to the READMEs lead: in a job of GitHub Actions to the commit that it runs for, else into a clone."""
    parts = [os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")]
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/" if all(parts) else ""
