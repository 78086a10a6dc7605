"""Warm processes of this machine, each judging many submissions, and one supervisor over them."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from checks import limits
from checks.core.checker import load_checker
from checks.grading.order import Graded, Look, Order, Seen, Work, carry_out, given_up, look, nothing_new

TOGETHER = 8
"""Submissions that a process judges before it tells of them: to tell of one costs a part of what judging it does."""


class Workers:
    """Processes that carry out orders. One that ends, or takes too long, costs nobody but the submission it was at."""

    def __init__(self, work: Work, keys: Mapping[str, str], jobs: int) -> None:
        self.in_flight = 2 * jobs
        self.together = 1 if work[2] else TOGETHER
        self._seconds = limits.REBUILT_SUBMISSION_WALL_SECONDS if work[2] else limits.SUBMISSION_WALL_SECONDS
        self._pool = ProcessPool(max_workers=jobs, initializer=_prepare, initargs=(work, dict(keys)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for the processes, or end them at once where we were interrupted."""
        if error is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def look(self, orders: Sequence[Order]) -> Future[list[Look]]:
        """Have a process look at submissions without reading them."""
        future: Future[list[Look]] = self._pool.schedule(_look, args=(orders,), timeout=self._seconds)
        return future

    def submit(self, group: Sequence[Seen]) -> Future[list[Graded]]:
        """Have a process look at submissions, unless somebody has, and judge what is not known.

        All of a group have no more time by the clock than one: an honest group needs a small part of it.
        """
        future: Future[list[Graded]] = self._pool.schedule(_judge, args=(group,), timeout=self._seconds)
        return future

    def settle(self, order: Order, error: BaseException) -> Graded:
        """What is told of a submission that ended its process. Raises the error where it is another one, and ours."""
        if isinstance(error, ProcessExpired):
            return given_up(order, "crashed", "reading this submission ended the process that read it")
        if isinstance(error, TimeoutError):
            return given_up(order, "timeout", f"reading this submission was not done after {self._seconds:g} seconds")
        raise error


_GARBAGE = 20_000
"""New objects before a process looks for garbage: what is read of a submission is long, and holds few cycles."""

_prepared: tuple[Work, Mapping[str, str]]


def _prepare(work: Work, keys: Mapping[str, str]) -> None:
    global _prepared  # noqa: PLW0603 - what a process keeps between submissions
    _prepared = work, keys
    warm_up(work)


def warm_up(work: Work) -> None:
    """Load what judging needs, and let Python look for garbage as seldom as suits a process that only judges."""
    for chosen in work[1]:
        load_checker(chosen.task)
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def _look(orders: Sequence[Order]) -> list[Look]:
    return [look(_prepared[1], order) for order in orders]


def _judge(group: Sequence[Seen]) -> list[Graded]:
    work, keys = _prepared
    done = []
    for order, told in group:
        seen = told or look(keys, order)
        done.append(nothing_new(order, seen) or carry_out(work, keys, order, seen))
    return done
