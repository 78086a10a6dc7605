"""Where a call works: the course, and the learner's clone. And the options that several verbs share."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from checks.core.course import COURSE_FILE, OWN_COURSE, Course, load_course

if TYPE_CHECKING:
    from checks.core.workspace import Rebuild

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="Another course folder, in place of the one that mlsd came with."),
]
RebuildOption = Annotated[
    bool, typer.Option("--rebuild", help="Also make the work again from its commit, in a sandbox. Takes longer.")
]
TrustOption = Annotated[
    bool,
    typer.Option("--trust", help="With --rebuild: run without a sandbox where none works. For your own work only."),
]


def the_course(option: Path | None) -> Course:
    """The course to use: always the one of `--course` or our own, never one found in a submission."""
    if option is not None and not option.is_dir():
        raise typer.BadParameter(f"{option} is no folder: name a folder that holds a course.", param_hint="--course")
    return load_course(option or OWN_COURSE)


def rebuilder(course: Course, rebuild: bool, trust: bool) -> Rebuild | None:
    """The rebuilder of this machine, or None where nobody asked. Refuses where no sandbox works, unless trusted."""
    if not rebuild:
        return None
    from checks.rebuild.find import find_sandbox
    from checks.rebuild.limits import limits_of
    from checks.rebuild.rebuilder import Rebuilder
    from checks.rebuild.sandbox import SandboxUnavailable

    limits = limits_of(course)
    try:
        return Rebuilder(find_sandbox(), limits)
    except SandboxUnavailable as unavailable:
        if trust and os.name == "posix":
            from checks.rebuild.unconfined import Unconfined

            return Rebuilder(Unconfined(), limits)
        raise typer.BadParameter(
            f"no sandbox works here ({unavailable.reason}): a rebuild runs commands of the work that is checked. "
            f"What would do: {unavailable.remedy}, or --trust for your own work.",
            param_hint="--rebuild",
        ) from None


def own_clone() -> Path:
    """The learner's clone: the folder above the current one that holds a course, else the course's own folder."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / COURSE_FILE).is_file()), OWN_COURSE)


def colorful(stream: TextIO | None = None) -> bool:
    """Whether a stream (standard output by default) may have colour: on a terminal, without `NO_COLOR`."""
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of a report: the terminal's, up to 100; 80 in a pipe."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100) if sys.stdout.isatty() else 80


def note(text: str) -> None:
    """Say something that is not the report."""
    typer.echo(text, err=True)


def note_activation() -> None:
    """Tell a newcomer how the shell finds `mlsd`, dvc and the others, where it does not yet."""
    if shutil.which("mlsd"):
        return
    scripts = Path(sys.prefix) / ("Scripts" if os.name == "nt" else "bin")
    activate = scripts / "activate"
    if activate.is_relative_to(Path.cwd()):
        activate = activate.relative_to(Path.cwd())
    line = f"{activate}" if os.name == "nt" else f"source {activate}"
    note(f"\nFirst, once in each new terminal, turn the course's tools on:\n  {line}")
