"""The program `mlsd`: its verbs, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import typer

from checks.cli import (
    check,
    doctor,
    grade,
    hint,
    new_task,
    release,
    report,
    reset,
    selftest,
    solve,
    start,
    status,
    submit,
    watch,
)
from checks.cli.output import INTERRUPTED, USAGE, allow_any_text
from checks.core.errors import CourseError, UnknownNameError
from checks.learner.clone import NotAClone

app = typer.Typer(
    name="mlsd",
    help="Learn model versioning, experiment tracking and reproducibility; check your work; grade a class.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _verb in (
    status.status,
    start.start,
    check.check,
    watch.watch,
    hint.hint,
    reset.reset,
    submit.submit,
    grade.grade,
    report.report,
    solve.solve,
    selftest.selftest,
    release.release,
    new_task.new_task,
    doctor.doctor,
):
    app.command()(_verb)


def main(arguments: Sequence[str]) -> int:
    """Run one call and return its exit code."""
    try:
        code = app(args=list(arguments) or ["--help"], prog_name="mlsd", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        return _say("stopped; nothing was changed", INTERRUPTED)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except (UnknownNameError, CourseError, NotAClone) as error:
        return _say(str(error), USAGE)
    except typer.TyperException as error:
        return _say(_one_line(error, arguments), USAGE)
    return code if isinstance(code, int) else 0


def _one_line(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """One line for a wrong call: its fault, the value that was given, and where help is."""
    describe = getattr(error, "format_message", None)
    message = " ".join(str(describe() if describe else error).split())
    given = [value for option, value in pairwise(arguments) if f"'{option}'" in message and value not in message]
    path = getattr(getattr(error, "ctx", None), "command_path", "mlsd")
    return f"{message}{f' (given: {given[-1]})' if given else ''} See `{path} --help`."


def _say(message: str, code: int) -> int:
    typer.echo(f"mlsd: {' '.join(message.split())}", err=True)
    return code


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        allow_any_text(stream)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
