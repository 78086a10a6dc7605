"""Containers that are watched from outside: what they take is counted, and who takes too much is killed.

The engine limits memory and processes itself. Of what is written it limits nothing (overlay2 has quotas on few file
systems), of processor time only what one process takes: so we look once a second. What is written in that second
comes on top.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from docker.errors import DockerException
from requests.exceptions import RequestException

from checks.rebuild.sandbox import Ended, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checks.rebuild.limits import Limits

_EVERY = 1.0
_TROUBLE = (DockerException, RequestException)


class Watch:
    """Watches the containers that `filters` (those of `docker ps`) choose, from entering to leaving.

    All of them together have the limits. `client` is a connection of its own.
    """

    def __init__(self, client: Any, filters: Mapping[str, str], limits: Limits) -> None:
        self._client = client
        self._filters = dict(filters)
        self._limits = limits
        self._cpu: dict[str, float] = {}
        self._written: dict[str, int] = {}
        self._began = time.monotonic()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.ended: Ended = "exited"

    @property
    def seconds(self) -> float:
        """Time by the clock since the watch began."""
        return time.monotonic() - self._began

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def end(self, why: Ended) -> None:
        """Kill what runs, now and whatever is started yet."""
        if self.ended == "exited":
            self.ended = why

    def run(self, command: tuple[str, ...], code: int, output: bytes) -> Run:
        """The run that was watched, as far as it is over."""
        return Run(
            command, code if self.ended == "exited" else None, output, self.seconds, self.ended, sum(self._cpu.values())
        )

    def _look(self) -> None:
        while not self._left.wait(_EVERY if self.ended == "exited" else _EVERY / 10):
            with suppress(*_TROUBLE):  # whoever waits for the containers meets the same trouble
                running = self._client.containers(filters=self._filters, size=self.ended == "exited")
                for container in running if self.ended == "exited" else ():
                    self._count(container["Id"], int(container.get("SizeRw") or 0))
                if over := self._over():
                    self.end(over)
                for container in running if self.ended != "exited" else ():
                    self._kill(container["Id"])

    def _count(self, container: str, written: int) -> None:
        self._written[container] = max(written, self._written.get(container, 0))
        with suppress(*_TROUBLE, KeyError):  # it has ended
            used = self._client.stats(container, stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"]
            self._cpu[container] = max(used / 1e9, self._cpu.get(container, 0.0))

    def _over(self) -> Ended | None:
        if sum(self._written.values()) > self._limits.disk_bytes:
            return "results"
        if sum(self._cpu.values()) > self._limits.cpu_seconds:
            return "cpu"
        return "timeout" if self.seconds > self._limits.wall_seconds else None

    def _kill(self, container: str) -> None:
        with suppress(*_TROUBLE):  # it has ended
            self._client.kill(container)
