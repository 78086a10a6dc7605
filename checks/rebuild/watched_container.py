"""A container's run, watched until it ends or passes a limit."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from checks.rebuild import volume
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Ended, Run

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

ANSWER_SECONDS = 120
"""How long one answer of a busy engine may take."""
_LOOK_SECONDS = 0.25
"""How often we look at the processor time."""


def watch(engine: DockerClient, worker: Container, argv: tuple[str, ...], limits: Limits) -> Run:
    """Start the worker, read what it writes, and end it at a limit. Every process of it is gone at the end."""
    from docker.errors import APIError

    with _Output(engine, worker, limits.output_bytes) as output:
        worker.start()
        began = time.monotonic()
        ended: Ended | None = None
        spent = 0.0
        while ended is None:
            left = began + limits.wall_seconds - time.monotonic()
            output.changed.wait(max(0.0, min(left, _LOOK_SECONDS)))
            if output.full:
                ended = "output"
            elif output.closed and not _running(worker):
                ended = "exited"
            elif left <= 0:
                ended = "timeout"
            else:
                spent = max(spent, _processor_seconds(engine, worker))
                if spent > limits.cpu_seconds:
                    ended = "cpu"
                elif output.closed:
                    time.sleep(_LOOK_SECONDS / 10)
        seconds = time.monotonic() - began
        with contextlib.suppress(APIError):  # it has ended already
            worker.kill()
        code = worker.wait(timeout=ANSWER_SECONDS)["StatusCode"]
    if output.full and ended == "exited":
        ended = "output"
    worker.reload()
    if worker.attrs["State"]["OOMKilled"]:
        ended = "memory"
    return Run(argv, code if ended == "exited" else None, output.taken, seconds, ended, spent)


def _running(worker: Container) -> bool:
    worker.reload()
    return bool(worker.attrs["State"]["Running"])


def _processor_seconds(engine: DockerClient, worker: Container) -> float:
    """Of the whole tree so far; none where it has ended meanwhile."""
    told = engine.api.stats(str(worker.id), stream=False, one_shot=True)
    return float(told.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage", 0)) / 1e9


class _Output:
    """What a container writes, read by a thread until the container has ended, and kept up to `limit`.

    `changed` is set once the limit or the end was met.
    """

    def __init__(self, engine: DockerClient, worker: Container, limit: int) -> None:
        self._answer = volume.ask(engine, "POST", worker, "attach", stream=1, stdout=1, stderr=1)
        self._limit = limit
        self._taken = bytearray()
        self.closed = False
        self.changed = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    @property
    def full(self) -> bool:
        """Whether it wrote more than the limit."""
        return len(self._taken) > self._limit

    @property
    def taken(self) -> bytes:
        """What it wrote, up to the limit."""
        return bytes(self._taken[: self._limit])

    def __enter__(self) -> _Output:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(ANSWER_SECONDS)
        if not self._thread.is_alive():
            self._answer.close()

    def _read(self) -> None:
        """Read frame by frame, to the end: an engine whose output nobody reads ends nothing.

        https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
        """
        stream = self._answer.raw
        try:
            while len(header := stream.read(8)) == 8:
                chunk = stream.read(int.from_bytes(header[4:]))
                if not self.full:
                    self._taken += chunk
                if self.full:
                    self.changed.set()
        finally:
            self.closed = True
            self.changed.set()
