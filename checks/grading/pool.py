"""A pool of processes on this machine that judge submissions.

A process that ends or hangs while it judges costs nobody but the submission that it was at.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Protocol, Self

from pebble import ProcessExpired, ProcessPool

from checks import limits
from checks.core.checker import load_checker
from checks.grading.job import Assignment, Job, Judged, failed, judge


class Pool(Protocol):
    """Judges jobs, as an executor of `concurrent.futures` does: here by processes, in `cluster` by other machines."""

    @property
    def in_flight(self) -> int:
        """The number of jobs it takes at once: enough that no process waits, few enough that little is in memory."""
        ...

    def submit(self, job: Job) -> Future[Judged]:
        """Begin with a job. The future's error is ours: a submission that can't be judged is a row with a problem."""
        ...


class LocalPool:
    """Processes of this machine. Nothing that they unpack outlives the pool, however they end."""

    def __init__(self, assignment: Assignment, processes: int) -> None:
        """The processes begin with the first job."""
        self.in_flight = 2 * processes
        self._assignment = assignment
        self._processes = processes
        self._seconds = limits.REBUILT_SUBMISSION_WALL_SECONDS if assignment.rebuild else limits.SUBMISSION_WALL_SECONDS
        self._scratch: TemporaryDirectory[str] | None = None
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for the processes, or end them at once where we were interrupted."""
        if self._pool is None or self._scratch is None:
            return
        try:
            if error is None:
                self._pool.close()  # type: ignore[no-untyped-call]
            else:
                self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
        finally:
            self._scratch.cleanup()

    def submit(self, job: Job) -> Future[Judged]:
        """Have a process judge a submission."""
        if self._pool is None:
            self._pool = self._started()
        judged: Future[Judged] = self._pool.schedule(_judge, args=(job,), timeout=self._seconds)
        return settled(judged, partial(self._row, job))

    def _started(self) -> ProcessPool:
        for chosen in self._assignment.selection:  # once: processes that are forked have them
            load_checker(chosen.task)
        self._scratch = TemporaryDirectory(prefix="mlsd-grade-", ignore_cleanup_errors=True)
        return ProcessPool(self._processes, initializer=_prepare, initargs=(self._assignment, self._scratch.name))

    def _row(self, job: Job, error: BaseException) -> Judged:
        if isinstance(error, ProcessExpired):
            return failed(job.submission, "crashed", "reading this submission ended the process that read it")
        if isinstance(error, TimeoutError):
            detail = f"reading this submission was not done after {self._seconds:g} seconds"
            return failed(job.submission, "timeout", detail)
        raise error


def settled(future: Any, row: Callable[[BaseException], Judged]) -> Future[Judged]:
    """The future of a verdict, from that of pebble or Dask.

    `row` makes a row of an error that is the submission's, and raises one that is ours.
    """
    verdict: Future[Judged] = Future()

    def settle(done: Any) -> None:
        try:
            try:
                verdict.set_result(done.result())
            except Exception as error:  # noqa: BLE001 - whose it is, `row` says
                verdict.set_result(row(error))
        except BaseException as ours:  # noqa: BLE001 - raised where the verdict is asked for
            verdict.set_exception(ours)

    future.add_done_callback(settle)
    return verdict


_assignment: Assignment


def _prepare(assignment: Assignment, scratch: str) -> None:
    global _assignment  # noqa: PLW0603 - what a process keeps between submissions
    _assignment = assignment
    tempfile.tempdir = scratch


def _judge(job: Job) -> Judged:
    return judge(_assignment.only(job.tasks), job.submission)
