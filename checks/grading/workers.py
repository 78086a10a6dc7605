"""Warm processes of this machine, each judging many submissions, and one supervisor over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from checks import limits
from checks.course.checker import load_checker
from checks.grading.journal import Known
from checks.grading.order import Graded, Order, Work, carry_out
from checks.model import Problem, SubmissionReport

T = TypeVar("T")


class Workers(Executor):
    """Processes that carry out orders. One that ends, or takes too long, costs nobody but the submission it was at."""

    def __init__(self, work: Work, keys: Mapping[str, str], jobs: int) -> None:
        self._seconds = limits.REBUILT_SUBMISSION_WALL_SECONDS if work[2] else limits.SUBMISSION_WALL_SECONDS
        self._pool = ProcessPool(max_workers=jobs, initializer=_prepare, initargs=(work, dict(keys)))

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a process call a function; see `concurrent.futures.Executor`."""
        future: Future[T] = self._pool.schedule(fn, args=args, kwargs=kwargs, timeout=self._seconds)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: at once where `cancel_futures` says so, else when they are done."""
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


def judge(order: Order) -> Graded:
    """Carry out an order in one of the processes."""
    return carry_out(*_prepared, order)


def given_up(order: Order, error: BaseException) -> Graded | None:
    """What is told of a submission that ended its process; None where the error is another one, and ours."""
    if isinstance(error, ProcessExpired):
        problem = Problem("crashed", "reading this submission ended the process that read it")
    elif isinstance(error, TimeoutError):
        problem = Problem("timeout", "reading this submission took so long that its process was ended")
    else:
        return None
    return Graded(order, Known(None, None, {}), SubmissionReport(order.submission.name, problem=problem))


_prepared: tuple[Work, Mapping[str, str]]


def _prepare(work: Work, keys: Mapping[str, str]) -> None:
    global _prepared  # noqa: PLW0603 - what a process keeps between submissions
    _prepared = work, keys
    for chosen in work[1]:
        load_checker(chosen.task)
