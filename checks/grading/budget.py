"""Limits of processor time and memory for reading one submission.

The readers' own limits name the file that goes beyond them; these stand below, for costs that add up. Time is the
processor's and not the clock's, so that waiting, for a busy machine or a rebuild, costs nobody anything. Processor
seconds are longer, too, where other work shares a core's units and caches: so the limit is a hundred times honest
work, and whoever meets it is judged once more, alone (`cohort`).
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


_AGAIN_SECONDS = 0.5


class OutOfTimeError(BaseException):
    """More processor time was taken than a submission may. No `Exception`, so that no reader takes it for a failure."""


@contextlib.contextmanager
def limited_time(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in this block after so many seconds of processor time of this process.

    Where the exception can't be raised, in a library that never returns, the system ends the process a little later.
    Processes that are started in here do not count, and are not ended. For a process's main thread.
    """
    if not hasattr(signal, "setitimer"):  # Windows: the readers' own limits alone
        yield
        return
    before = signal.signal(signal.SIGPROF, _end)
    # Again and again: raised inside a destructor, the exception is printed and forgotten.
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_SECONDS)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * seconds + 1)  # its signal has no handler, and so ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def limited_memory(size: int) -> Iterator[None]:
    """Let this process take at most `size` bytes more than it has while it is in here; beyond: MemoryError."""
    own = _own_memory()
    if resource is None or own is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = own + size
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _own_memory() -> int | None:
    """The size of this process's data as Linux counts it, in bytes; None elsewhere, where nothing is limited by it."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    except (OSError, IndexError):
        return None
    return int(pages) * resource.getpagesize() if resource else None


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTimeError
