"""Judging many submissions, one row each, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Problem, SubmissionReport

if TYPE_CHECKING:
    from checks.course.course import Course
    from checks.workspace import Rebuild

Work = tuple["Course", tuple[Selection, ...], "Rebuild | None"]


def find_submissions(folder: Path) -> list[Path]:
    """What was handed in: every entry of a folder, sorted by name, but those that a system hides."""
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def grade_all(work: Work, paths: Sequence[Path], jobs: int) -> Iterator[SubmissionReport]:
    """The reports, each as soon as it is there, from `jobs` processes.

    Where a submission ends its process, those that were in flight are judged again, each in a process of its own,
    so that the one that did it gets a row that says so, and the others their grade.
    """
    with ProcessPoolExecutor(min(jobs, max(len(paths), 1)), initializer=_prepare, initargs=(work,)) as pool:
        futures = {pool.submit(_grade, path): path for path in paths}
        lost = []
        for future in as_completed(futures):
            report = _result(future)
            if report is None:
                lost.append(futures[future])
            else:
                yield report
    for path in sorted(lost):
        with ProcessPoolExecutor(1, initializer=_prepare, initargs=(work,)) as alone:
            ended = Problem("crashed", "reading this submission ended the process that read it")
            yield _result(alone.submit(_grade, path)) or SubmissionReport(path.name, problem=ended)


def _result(future: Future[SubmissionReport]) -> SubmissionReport | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


_work: Work


def _prepare(work: Work) -> None:
    global _work  # noqa: PLW0603 - what a pool's process keeps between submissions
    _work = work


def _grade(path: Path) -> SubmissionReport:
    course, selection, rebuild = _work
    try:
        return grade_path(course, path, selection, rebuild)
    except Exception as error:  # noqa: BLE001 - one submission must never take the others' grades with it
        return SubmissionReport(path.name, problem=Problem("error", f"grading broke: {type(error).__name__}: {error}"))
