"""What `mlsd grade` is asked to grade: a folder of submissions, branches of a repository, or the bundled example class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from checks.cli import places
from checks.cli.output import OUR_FAULT, with_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checks.core.course import Course
    from checks.submissions.submission import Submission


def submissions_at(course: Course, folder: Path | None, branches: str | None) -> Sequence[Submission]:
    """What is to be graded: one at least. `folder` is None for the example class, `branches` a pattern of their names."""
    from checks.grading.cohort import find_submissions
    from checks.submissions.branches import NoBranchError, find_branches
    from checks.submissions.submission import is_submission

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
    from checks.selftest.build import BuildError, missing_tool
    from checks.selftest.edition import need_answers
    from checks.selftest.example import build_example_class, count_parts, example_class, is_built

    need_answers(course)
    folder = example_class(course)
    if not is_built(course):
        places.note(
            "building the example class with the real tools (once: a minute, some more with Docker and Conda) ..."
        )
        for task in course.tasks:
            if missing := missing_tool(task):
                places.note(f"left out: {task.id} {task.title}, as {missing}")
        try:
            faults = [
                part.fault
                for part in with_progress(build_example_class(course), count_parts(course), "building")
                if part.fault
            ]
        except BuildError as error:
            places.note(f"mlsd: the example class could not be built: {error}")
            raise typer.Exit(OUR_FAULT) from None
        for fault in faults:
            places.note(f"left out: {fault} (to try again, delete {folder})")
    return folder
