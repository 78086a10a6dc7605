"""The submissions of `mlsd grade`: a folder of submissions, branches of a repository, or the bundled example class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from checks.cli import places
from checks.cli.output import OUR_FAULT, with_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checks.core.course import Course
    from checks.core.selection import Selection
    from checks.submissions.submission import Submission


def submissions_at(
    course: Course, selection: Sequence[Selection], folder: Path | None, branches: str | None
) -> Sequence[Submission]:
    """The submissions to grade: one at least. `folder` is None for the example class, `branches` a pattern of their names."""
    from checks.grading.cohort import find_submissions
    from checks.submissions.branches import NoBranchError, find_branches
    from checks.submissions.submission import is_submission

    if folder is None and branches is not None:
        raise typer.BadParameter(
            "name the repository too: mlsd grade REPOSITORY --branches ...", param_hint="--branches"
        )
    folder = (folder or _built_example(course, selection)).absolute()  # a cluster's workers are elsewhere
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


def _built_example(course: Course, selection: Sequence[Selection]) -> Path:
    """The example class with every task that is asked for and that can be built here; built where it is not yet."""
    from checks.selftest.build import BuildError, missing_tool
    from checks.selftest.edition import need_answers
    from checks.selftest.example import build_example_class, count_parts, example_class, is_built

    need_answers(course)
    folder = example_class(course)
    missing = {chosen.task.id: missing_tool(chosen.task) for chosen in selection}
    tasks = [chosen.task for chosen in selection if missing[chosen.task.id] is None]
    if is_built(course, tasks):
        return folder
    places.note("building the example class with the real tools (once: a minute, some more with Docker and Conda) ...")
    for chosen in selection:
        if reason := missing[chosen.task.id]:
            places.note(f"left out: {chosen.task.id} {chosen.task.title}, as {reason}")
    try:
        parts = list(with_progress(build_example_class(course, tasks), count_parts(tasks), "building"))
    except BuildError as error:
        places.note(f"mlsd: the example class could not be built: {error}")
        raise typer.Exit(OUR_FAULT) from None
    for part in parts:
        if part.fault:
            places.note(f"left out: {part.fault} (to try again, delete {folder})")
    return folder
