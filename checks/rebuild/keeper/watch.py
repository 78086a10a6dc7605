"""Watching a process until it ends or passes a limit."""

from __future__ import annotations

import os
import select
import time

TYPE_CHECKING = False  # `typing` itself takes long
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, Protocol

    class Process(Protocol):
        """What is asked of a child: `subprocess.Popen` has it too."""

        @property
        def pid(self) -> int:
            """Its id."""

        def poll(self) -> int | None:
            """Its exit code, or None while it runs."""

        def wait(self) -> int:
            """Its exit code, once it has ended."""


_CHUNK = 65536
_GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.05
"""How often we look at what nothing wakes us for."""


def watch(  # noqa: C901, PLR0912 - one loop, one way out for each way to end
    process: Process,
    output: int,
    *,
    seconds: float,
    limit: int,
    kill: Callable[[], None],
    lifeline: int | None = None,
    spent: Callable[[], float] | None = None,
    cpu_seconds: float = float("inf"),
) -> tuple[Literal["exited", "timeout", "cpu", "output", "abandoned"], bytes]:
    """Read the pipe `output` until `process` ends, or kill it. Returns how it ended and `limit` bytes at most.

    It ended as `exited`, `timeout` (after `seconds`), `cpu` (`spent` told more than `cpu_seconds`), `output` (it wrote
    more than `limit`) or `abandoned` (the caller at the other end of `lifeline` is gone). Who still holds the pipe afterwards is not waited for.
    """
    ended: Literal["exited", "timeout", "cpu", "output", "abandoned"] = "exited"
    look_again = _LOOK_SECONDS if spent or not hasattr(os, "pidfd_open") else float("inf")
    taken = bytearray()
    deadline = time.monotonic() + seconds
    os.set_blocking(output, False)
    # Only Linux has descriptors of processes. Elsewhere, where `Unconfined` alone works, we look again and again.
    descriptor = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
    try:
        poll = select.poll()
        for readable in (output, descriptor, lifeline):
            if readable is not None:
                poll.register(readable, select.POLLIN)
        running = True
        while running:
            left = deadline - time.monotonic()
            ready = {number for number, _ in poll.poll(1000 * min(left, look_again) + 1)} if left > 0 else set()
            if descriptor in ready or (descriptor is None and process.poll() is not None):
                running = False
            elif left <= 0:
                ended, running = "timeout", False
            elif spent and spent() > cpu_seconds:
                ended, running = "cpu", False
            elif lifeline in ready:
                ended, running = "abandoned", False
            elif output in ready and not _take(output, taken, limit):
                poll.unregister(output)
            if len(taken) > limit:
                ended, running = "output", False
    finally:
        if descriptor is not None:
            os.close(descriptor)
        kill()
        process.wait()
    until = time.monotonic() + _GRACE_SECONDS
    while len(taken) <= limit and time.monotonic() < until and _take(output, taken, limit):
        pass
    if len(taken) > limit and ended == "exited":
        ended = "output"
    return ended, bytes(taken[:limit])


def _take(output: int, taken: bytearray, limit: int) -> bool:
    """Move what the pipe holds to `taken`, one byte past `limit` at most. False where it holds nothing."""
    try:
        chunk = os.read(output, min(_CHUNK, limit + 1 - len(taken)))
    except BlockingIOError:
        return False
    taken += chunk
    return bool(chunk)
