"""Watching a process of ours until it ends or passes a limit."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from checks.rebuild.limits import Limits

_CHUNK = 65536
_GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.05
"""The time between two looks at the processor time and the end."""


def watch(  # noqa: C901, PLR0912 - one loop, one way out for each way to end
    process: subprocess.Popen[bytes],
    limits: Limits,
    *,
    kill: Callable[[], object],
    spent: Callable[[], float] | None = None,
    lifeline: int | None = None,
) -> tuple[Literal["exited", "timeout", "cpu", "output", "abandoned"], bytes]:
    """Read the standard output of `process` until it ends, or `kill` it. Returns how it ended and what it wrote.

    It ended as `exited`; as `timeout`, `cpu` or `output` at that limit, where `spent` tells the seconds of processor
    time; or as `abandoned`, because nobody holds the other end of the pipe `lifeline` any more. Who still holds the
    output afterwards is not waited for.
    """
    assert process.stdout is not None  # noqa: S101 - for the types: whoever calls has made it a pipe
    output, taken = process.stdout.fileno(), bytearray()
    os.set_blocking(output, False)
    deadline = time.monotonic() + limits.wall_seconds
    poll = select.poll()
    for readable in (output, lifeline):
        if readable is not None:
            poll.register(readable, select.POLLIN)
    closed = False
    ended: Literal["exited", "timeout", "cpu", "output", "abandoned"] | None = None
    try:
        while ended is None:
            left = max(0.0, min(deadline - time.monotonic(), _LOOK_SECONDS))
            if closed:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(left)
            ready = {number for number, _ in poll.poll(0 if closed else 1000 * left)}
            if output in ready and not _take(output, taken, limits.output_bytes):
                poll.unregister(output)
                closed = True
            if len(taken) > limits.output_bytes:
                ended = "output"
            elif process.poll() is not None:
                ended = "exited"
            elif time.monotonic() >= deadline:
                ended = "timeout"
            elif spent and spent() > limits.cpu_seconds:
                ended = "cpu"
            elif lifeline in ready:
                ended = "abandoned"
    finally:
        kill()
        process.wait()
    until = time.monotonic() + _GRACE_SECONDS
    while len(taken) <= limits.output_bytes and time.monotonic() < until and _take(output, taken, limits.output_bytes):
        pass
    if len(taken) > limits.output_bytes and ended == "exited":
        ended = "output"
    return ended, bytes(taken[: limits.output_bytes])


def _take(output: int, taken: bytearray, limit: int) -> bool:
    """Move what the pipe holds to `taken`, one byte past `limit` at most. False where it holds nothing."""
    try:
        chunk = os.read(output, min(_CHUNK, limit + 1 - len(taken)))
    except BlockingIOError:
        return False
    taken += chunk
    return bool(chunk)
