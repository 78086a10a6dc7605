"""Judging many submissions, one row each, whatever is in them."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.grading.budget import OutOfTimeError, limited_memory, limited_time
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.grading.submission import Submission
from checks.model import Problem, SubmissionReport

if TYPE_CHECKING:
    from checks.course.course import Course
    from checks.workspace import Rebuild

Work = tuple["Course", tuple[Selection, ...], "Rebuild | None"]
_IN_FLIGHT = 2
"""Submissions that are with the pool, for each of its processes: the fewer, the fewer are lost with one of them."""


def find_submissions(folder: Path) -> list[Path]:
    """What was handed in: every entry of a folder, sorted by name, but those that a system hides."""
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def grade_all(work: Work, submissions: Sequence[Submission], jobs: int) -> Iterator[SubmissionReport]:
    """The reports, each as soon as it is there, from `jobs` processes.

    Where a submission ends its process, those that were in flight are judged again, each in a process of its own,
    so that the one that did it gets a row that says so, and the others their grade.
    """
    waiting = deque(submissions)
    while waiting:
        lost = yield from _grade_until_broken(work, waiting, min(jobs, len(waiting)))
        for submission in lost:
            with ProcessPoolExecutor(1, initializer=_prepare, initargs=(work,)) as alone:
                ended = Problem("crashed", "reading this submission ended the process that read it")
                yield _result(alone.submit(_grade, submission)) or SubmissionReport(submission.name, problem=ended)


def _grade_until_broken(
    work: Work, waiting: deque[Submission], jobs: int
) -> Generator[SubmissionReport, None, list[Submission]]:
    """Judge what waits, few at a time, until none is left or a process ended; returns those that were in flight."""
    lost: list[Submission] = []
    flying: dict[Future[SubmissionReport], Submission] = {}
    with ProcessPoolExecutor(jobs, initializer=_prepare, initargs=(work,)) as pool:
        while flying or (waiting and not lost):
            while waiting and not lost and len(flying) < _IN_FLIGHT * jobs:
                try:
                    future = pool.submit(_grade, waiting[0])
                except BrokenProcessPool:
                    break
                flying[future] = waiting.popleft()
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                submission = flying.pop(future)
                report = _result(future)
                if report is None:
                    lost.append(submission)
                else:
                    yield report
    return sorted(lost, key=lambda submission: submission.name)


def _result(future: Future[SubmissionReport]) -> SubmissionReport | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


_work: Work


def _prepare(work: Work) -> None:
    global _work  # noqa: PLW0603 - what a pool's process keeps between submissions
    _work = work


def _grade(submission: Submission) -> SubmissionReport:
    return grade_one(_work, submission)


def grade_one(work: Work, submission: Submission) -> SubmissionReport:
    """The report on one submission, whatever is in it and whatever it costs. For a process's main thread."""
    course, selection, rebuild = work
    allowed = limits.REBUILT_SUBMISSION_SECONDS if rebuild else limits.SUBMISSION_SECONDS
    try:
        # A sandbox has limits of its own, and its processes would inherit ours.
        memory = contextlib.nullcontext() if rebuild else limited_memory(limits.SUBMISSION_BYTES)
        with memory, limited_time(allowed):
            return grade_path(course, submission, selection, rebuild)
    except OutOfTimeError:
        seconds = f"{allowed:g} seconds of processor time"
        problem = Problem(
            "too-slow", f"{submission.name}: reading it takes more than {seconds}, as no honest work does"
        )
    except MemoryError:
        size = f"{limits.SUBMISSION_BYTES >> 20} MiB of memory"
        problem = Problem("too-large", f"{submission.name}: reading it takes more than {size}, as no honest work does")
    except Exception as error:  # noqa: BLE001 - one submission must never take the others' grades with it
        problem = Problem("error", f"grading broke: {type(error).__name__}: {error}")
    return SubmissionReport(submission.name, problem=problem)
