"""A Dask cluster that judges: every worker has this course installed, and a pool of processes of its own.

https://distributed.dask.org/en/stable/client.html
"""

from __future__ import annotations

import io
import multiprocessing
import os
import tarfile
import warnings
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from checks import limits
from checks.core.course import OWN_COURSE, load_course
from checks.core.selection import Selection
from checks.grading.job import Assignment, Job, Judged, failed
from checks.grading.keys import submission_key, task_keys
from checks.grading.pool import LocalPool, settled
from checks.submissions.branches import Branch
from checks.submissions.submission import Submission

if TYPE_CHECKING:
    from distributed import Client

    from checks.rebuild.limits import Limits

CONNECT_SECONDS = 15
_SENT = "submission"
"""The name that a submission has in the tar in which it is sent."""


class ClusterError(Exception):
    """The cluster can't judge this class. The message says why, and what would do."""


class _NotSeenError(Exception):
    """A worker does not have the submission at the place where we have it."""


class _TooLargeError(Exception):
    """A submission is larger than what is sent."""


@dataclass(frozen=True, slots=True)
class SentAssignment:
    """An assignment as workers get it: small, and made whole from what the worker itself has installed."""

    course: Path | None
    """The course's folder, or None for the one that `checks` came with, wherever that is."""
    selection: tuple[tuple[str, frozenset[str] | None], ...]
    """The tasks by id, each with the names of its steps; None for all."""
    limits: Limits | None
    """The limits of a rebuild; None where nothing is rebuilt."""
    keys: tuple[tuple[str, str], ...]
    """The task keys of the machine that asks."""


class Cluster:
    """The workers of a cluster as a pool. One that is lost costs time only: another judges what it had."""

    def __init__(self, address: str, assignment: Assignment, keys: Mapping[str, str]) -> None:
        """Raises ClusterError where nobody answers there, or where a worker has other checkers than we have."""
        self._sent = SentAssignment(
            None if assignment.course.path == OWN_COURSE else assignment.course.path,
            tuple((chosen.task.id, chosen.steps) for chosen in assignment.selection),
            getattr(assignment.rebuild, "limits", None),
            tuple(keys.items()),
        )
        self._sees = True
        """False as soon as one worker lacked a submission at the place where we have it."""
        self._client = _connected(address)
        try:
            self._need_same_checkers()
        except BaseException:
            self._client.close()  # type: ignore[no-untyped-call]
            raise
        self.in_flight = 4 * sum(self._client.nthreads().values())  # type: ignore[no-untyped-call]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def submit(self, job: Job) -> Future[Judged]:
        """Have a worker judge a submission where it lies, or where no worker has it there, as we send it."""
        # Not by Dask's own executor: it takes the result of a task for an error where the worker that made it is lost
        # while the result is on its way (`_cascade_future` in distributed/cfexecutor.py).
        try:
            future = self._begun(job)
        except _TooLargeError as error:
            known: Future[Judged] = Future()
            known.set_result(failed(job.submission, "not-seen", f"no worker sees this submission, and {error}"))
            return known
        return settled(future, partial(self._row, job))

    def _begun(self, job: Job) -> Any:
        packed = None if self._sees and job.key else _packed(job.submission)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a submission goes by content once
            return self._client.submit(_judge_there, self._sent, job, packed, pure=False)

    def _row(self, job: Job, error: BaseException) -> Judged:
        from distributed import KilledWorker

        if isinstance(error, _NotSeenError):
            self._sees = False
            return self.submit(job).result()
        if isinstance(error, KilledWorker):
            return failed(job.submission, "crashed", "every worker that was given this submission ended")
        if isinstance(error, CancelledError):
            raise ClusterError(
                "the scheduler is gone; the results until then are kept: start it again, and call again"
            ) from None
        raise error

    def _need_same_checkers(self) -> None:
        answers = self._client.run(_keys_there, self._sent)
        if not answers:
            raise ClusterError("the cluster has no worker: start one with `dask worker ADDRESS`")
        for worker, answer in answers.items():
            if isinstance(answer, str):
                raise ClusterError(f"the worker {worker} can't judge this course: {answer}")
            if tuple(answer.items()) != self._sent.keys:
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


def _packed(submission: Submission) -> bytes:
    """An uncompressed tar of a submission, with its links as links and without pipes and devices.

    Raises _TooLargeError beyond `limits.SENT_BYTES`, and OSError.
    """
    place = submission.path if isinstance(submission, Branch) else submission
    packed = io.BytesIO()
    left = limits.SENT_BYTES

    def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal left
        left -= member.size + tarfile.BLOCKSIZE
        if left < 0:
            raise _TooLargeError(f"it is larger than the {limits.SENT_BYTES >> 20} MiB that are sent: share its folder")
        return member if member.isfile() or member.isdir() or member.issym() or member.islnk() else None

    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(place, _SENT, filter=kept)
    return packed.getvalue()


def _unpacked(packed: bytes, submission: Submission, folder: Path) -> Submission:
    """In a worker: what `_packed` gave, in an empty folder: the same submission, at its new place.

    The names come from a file system and hold no way out of it; links lead where they led, and readers follow none
    out of a submission.
    """
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as tar:
        # As it lies there. The argument `filter` came with Python 3.11.4; where this attribute is unknown, it is the default.
        tar.extraction_filter = lambda member, _: member
        tar.extractall(folder)  # noqa: S202 - of our own making
    if isinstance(submission, Branch):
        return replace(submission, path=folder / _SENT)
    here = folder / "named" / submission.name
    here.parent.mkdir()
    os.rename(folder / _SENT, here)
    return here


def _keys_there(sent: SentAssignment) -> dict[str, str] | str:
    """In a worker: the keys of its own checkers, or why it has none."""
    try:
        return task_keys(_assignment_there(sent))
    except Exception as error:  # noqa: BLE001 - returned to whoever asked, who ends with it
        return f"{type(error).__name__}: {error}"


def _assignment_there(sent: SentAssignment) -> Assignment:
    course = load_course(sent.course or OWN_COURSE)
    selection = tuple(Selection(course.task(task), steps) for task, steps in sent.selection)
    if sent.limits is None:
        return Assignment(course, selection)
    from checks.rebuild.find import find_sandbox
    from checks.rebuild.rebuilder import Rebuilder

    return Assignment(course, selection, Rebuilder(find_sandbox(), sent.limits))


def _judge_there(sent: SentAssignment, job: Job, packed: bytes | None) -> Judged:
    """In a worker: judge a submission at its own place, or as it was sent along."""
    if packed is None:
        if submission_key(job.submission) != job.key:
            raise _NotSeenError
        return _submitted_there(sent, job).result()
    with TemporaryDirectory(prefix="mlsd-sent-") as folder:
        here = _unpacked(packed, job.submission, Path(folder))
        return _submitted_there(sent, replace(job, submission=here)).result()


_LOCK = Lock()
_there: tuple[SentAssignment, LocalPool] | None = None


def _submitted_there(sent: SentAssignment, job: Job) -> Future[Judged]:
    """The pool of this worker has as many processes as the worker has threads; another assignment gets another one."""
    global _there  # noqa: PLW0603 - what a worker keeps between submissions
    with _LOCK:
        if _there is None or _there[0] != sent:
            assignment = _assignment_there(sent)
            if tuple(task_keys(assignment).items()) != sent.keys:
                raise ClusterError(
                    "a worker has other checkers than the machine that asks: install the same commit there"
                )
            # Dask starts its workers as daemons, which may have no children of their own. These end with their parent,
            # as nothing is left to read from.
            multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001
            if _there is not None:
                _there[1].__exit__(None, None, None)
            _there = sent, LocalPool(assignment, _threads())
        return _there[1].submit(job)


def _threads() -> int:
    from distributed import get_worker

    worker: Any = get_worker()
    return int(worker.state.nthreads)
