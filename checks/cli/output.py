"""The output of a call: reports, notes, progress, exit codes.

A report goes to standard output or to a file; everything else goes to standard error.
"""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TextIO, TypeVar

import typer

from checks.cli.places import colorful, note
from checks.model import Outcome, StepResult

T = TypeVar("T")

DONE = 0
UNFINISHED = 1
"""`check` and `selftest`: at least one step failed or was blocked."""
USAGE = 2
OUR_FAULT = 3
"""`check` and `grade`: at least one `error` outcome."""
INTERRUPTED = 130

OutputOption = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write the report here.")]

_PLAIN_HANDLER = "mlsd-plain"
_PLAIN_SIGNS = {"✓": "+", "✗": "x", "·": ".", "…": "...", "─": "-", "│": "|", "→": "->"}


def code_of(steps: tuple[StepResult, ...]) -> int:
    """The exit code of a check."""
    outcomes = {step.outcome for step in steps}
    if Outcome.ERROR in outcomes:
        return OUR_FAULT
    return UNFINISHED if outcomes & {Outcome.FAILED, Outcome.BLOCKED} else DONE


def write(text: str, output: Path | None) -> None:
    """Write a report to the file that was asked for, or to standard output. Raises BadParameter."""
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"can't write {output}: {error.strerror}.", param_hint="--output") from None


def write_each(files: Mapping[str, str], folder: Path) -> None:
    """Write files into a new or empty folder: one that an earlier export left there would be taken for one of these."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise typer.BadParameter(f"{folder} is not empty: name a new folder.", param_hint="--output")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"can't write into {folder}: {error.strerror}.", param_hint="--output") from None


def with_progress(items: Iterable[T], total: int, title: str) -> Iterator[T]:
    """The items, with a bar on a terminal, and a line at every quarter elsewhere."""
    if colorful(sys.stderr):
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=title, total=total, console=Console(stderr=True))
        return
    for count, item in enumerate(items, start=1):
        if count * 4 // total > (count - 1) * 4 // total:
            note(f"{title}: {count} of {total}")
        yield item


def allow_any_text(stream: TextIO) -> None:
    """Let the stream take signs that its encoding lacks, as plain letters: a terminal with an old code page.

    Nothing is lost, as the outcome's word stands beside each sign.
    """
    codecs.register_error(_PLAIN_HANDLER, _plain)
    reconfigure = getattr(stream, "reconfigure", None)  # a stream that was put in its place may lack it
    if reconfigure:
        reconfigure(errors=_PLAIN_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """A sign's plain form, a letter without its accent, or `?`, for each character that can't be written."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_letter, error.object[error.start : error.end])), error.end


def _letter(char: str) -> str:
    bare = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return _PLAIN_SIGNS.get(char) or bare or "?"
