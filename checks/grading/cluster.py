"""A Dask cluster that judges: every worker has this course installed, and processes of its own that judge.

https://distributed.dask.org/en/stable/client.html
"""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from checks.core.course import OWN_COURSE, load_course
from checks.core.selection import Selection
from checks.grading import parcel, stamp
from checks.grading.key import task_keys
from checks.grading.order import Graded, Look, Order, Seen, Work, given_up, look
from checks.grading.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

    from checks.rebuild.limits import Limits

CONNECT_SECONDS = 15


class ClusterError(Exception):
    """The cluster can't judge this class. The message says why, and what would do."""


class _NotSeenError(Exception):
    """A worker does not have the submission at the place where we have it."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What every worker is told of the work: small, and made from what the worker itself has installed."""

    course: Path | None
    """The course's folder, or None for the one that `checks` came with, wherever that is."""
    selection: tuple[tuple[str, frozenset[str] | None], ...]
    limits: Limits | None
    """How much a rebuild may use; None where nothing is rebuilt."""
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Sent(Order):
    """An order with the submission itself, for workers that do not see the place where we have it."""

    parcel: bytes = b""


class Cluster:
    """The workers of a cluster. One that is lost costs time only: what it had is judged again by another one."""

    def __init__(self, address: str, work: Work, keys: Mapping[str, str]) -> None:
        """Raises ClusterError where nobody answers there, or where a worker has other checkers than we have."""
        course, selection, rebuild = work
        self._keys = keys
        self._brief = Brief(
            None if course.path == OWN_COURSE else course.path,
            tuple((chosen.task.id, chosen.steps) for chosen in selection),
            getattr(rebuild, "limits", None),
            tuple(keys.items()),
        )
        self._client = _connected(address)
        try:
            self._need_same_checkers()
        except BaseException:
            self._client.close()  # type: ignore[no-untyped-call]
            raise
        self._executor = self._client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self.in_flight = 4 * sum(self._client.nthreads().values())  # type: ignore[no-untyped-call]
        self.together = 1  # a lost worker, and a submission that it does not see, cost one

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._executor.shutdown(wait=error is None)
        self._client.close()  # type: ignore[no-untyped-call]

    def look(self, orders: Sequence[Order]) -> Future[list[Look]]:
        """Look at submissions here: a worker may not see them."""
        done: Future[list[Look]] = Future()
        done.set_result([look(self._keys, order) for order in orders])
        return done

    def submit(self, group: Sequence[Seen]) -> Future[list[Graded]]:
        """Have a worker judge what is not known."""
        looked_at = [(order, seen or look(self._keys, order)) for order, seen in group]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a submission goes by content once
            future: Future[list[Graded]] = self._executor.submit(_judge_there, self._brief, looked_at)
        return future

    def settle(self, order: Order, error: BaseException) -> Graded | Order:
        """What is told of a submission that no worker could judge, or the order with the submission itself."""
        from distributed import KilledWorker

        if isinstance(error, _NotSeenError) and not isinstance(order, _Sent):
            try:
                return _Sent(order.submission, order.known, parcel.pack(order.submission))
            except parcel.TooLargeError as too_large:
                return given_up(order, "not-seen", f"no worker sees this submission, and {too_large}")
        if isinstance(error, KilledWorker):
            return given_up(order, "crashed", "every worker that was given this submission ended")
        raise error

    def _need_same_checkers(self) -> None:
        told = self._client.run(_keys_there, self._brief)
        if not told:
            raise ClusterError("the cluster has no worker: start one with `dask worker ADDRESS`")
        for worker, found in told.items():
            if isinstance(found, str):
                raise ClusterError(f"the worker {worker} can't judge this course: {found}")
            if found != dict(self._keys):
                raise ClusterError(
                    f"the worker {worker} has other checkers than this machine: install the same commit there"
                )


def _connected(address: str) -> Client:
    from distributed import Client

    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no scheduler answers at {address} ({type(error).__name__}): start one with `dask scheduler`"
        ) from None


def _keys_there(brief: Brief) -> dict[str, str] | str:
    """In a worker: the keys of its own checkers, or why it has none."""
    try:
        return dict(task_keys(*_work_there(brief)))
    except Exception as error:  # noqa: BLE001 - told to whoever asked, who ends with it
        return f"{type(error).__name__}: {error}"


def _work_there(brief: Brief) -> Work:
    course = load_course(brief.course or OWN_COURSE)
    selection = tuple(Selection(course.task(task), steps) for task, steps in brief.selection)
    if brief.limits is None:
        return course, selection, None
    from checks.rebuild.rebuilder import Rebuilder
    from checks.rebuild.sandbox import find_sandbox

    return course, selection, Rebuilder(find_sandbox(), brief.limits)


def _judge_there(brief: Brief, group: Sequence[tuple[Order, Look]]) -> list[Graded]:
    """In a worker: judge submissions at their own places, or those that were sent along."""
    workers = _workers_there(brief)
    return [_one_there(workers, order, seen) for order, seen in group]


def _one_there(workers: Workers, order: Order, seen: Look) -> Graded:
    if not isinstance(order, _Sent):
        if seen.sight is None or stamp.sight(order.submission) != seen.sight:
            raise _NotSeenError
        return _judged(workers, order, seen)
    with TemporaryDirectory(prefix="mlsd-sent-") as folder:
        here = parcel.unpack(order.parcel, order.submission, Path(folder))
        graded = _judged(workers, Order(here, order.known), seen)
    return replace(graded, order=Order(order.submission, order.known))


def _judged(workers: Workers, order: Order, seen: Look) -> Graded:
    future = workers.submit([(order, seen)])
    error = future.exception()
    return workers.settle(order, error) if error else future.result()[0]


_LOCK = Lock()
_there: tuple[Brief, Workers] | None = None


def _workers_there(brief: Brief) -> Workers:
    """The processes of this worker, as many as it has threads; other ones for another brief or another version."""
    global _there  # noqa: PLW0603 - what a worker keeps between submissions
    with _LOCK:
        if _there is None or _there[0] != brief:
            work = _work_there(brief)
            keys = task_keys(*work)
            if keys != dict(brief.keys):
                raise ClusterError(
                    "a worker has other checkers than the machine that asks: install the same commit there"
                )
            # Dask starts its workers as daemons, which may have no children of their own. These end with their parent,
            # as nothing is left to read from.
            multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001
            if _there is not None:
                _there[1].__exit__(None, None, None)
            _there = brief, Workers(work, keys, _threads())
        return _there[1]


def _threads() -> int:
    from distributed import get_worker

    worker: Any = get_worker()
    return int(worker.state.nthreads)
