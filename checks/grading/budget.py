"""What reading one submission may take of the machine: processor time and memory.

The readers' own limits name the file that goes beyond them; this net is below them, for what adds up. Time is the
processor's and not the clock's, so that a busy machine, or waiting for a rebuild, costs nobody anything.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class OutOfTimeError(BaseException):
    """More processor time was taken than a submission may. No `Exception`, so that no reader takes it for a failure."""


@contextlib.contextmanager
def limited_time(seconds: float) -> Iterator[None]:
    """End what runs in here, by OutOfTimeError, after so much processor time of this process.

    Where it can't be reached, in a library that never returns, the system ends the process a little later. Processes
    that are started in here do not count, and are not ended. For a process's main thread.
    """
    if not hasattr(signal, "setitimer"):  # Windows: the readers' own limits alone
        yield
        return
    before = signal.signal(signal.SIGPROF, _end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * seconds + 1)  # its signal has no handler, and so ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def limited_memory(size: int) -> Iterator[None]:
    """Let this process have at most `size` bytes of memory of its own while it is in here; beyond: MemoryError."""
    if resource is None or not hasattr(resource, "RLIMIT_DATA"):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (size if hard < 0 else min(size, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTimeError
