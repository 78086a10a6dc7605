"""Containers of the Docker engine, watched from outside: what they take is counted, and who takes too much is killed.

The engine limits memory and processes itself. Of what is written it limits nothing (overlay2 has quotas on few file
systems), of processor time only what one process takes: so we look once a second. What is written in that second
comes on top.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast

from docker import APIClient
from docker.errors import APIError, DockerException
from docker.types import LogConfig, Ulimit
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from checks.evidence.docker.folder import engine_address
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Ended, Run
from checks.rebuild.tree import Budget, TooLarge, unpack

if TYPE_CHECKING:
    from requests import Response

LABEL = "mlsd-workshop.rebuild"
"""On all that a rebuild makes in the engine. Its value is the time, in seconds of the epoch, when it is a leftover."""
ANSWER_SECONDS = 120
"""How long one answer of a busy engine may take."""
TROUBLE = (DockerException, RequestException, HTTPError)
"""The errors of the engine's library that are the engine's fault."""
_CONNECT_SECONDS = 60
_LOOK_SECONDS = 1.0
_CANNOT_START = re.compile(
    r"exec: |executable file not found|unable to find user|no such file or directory|permission denied"
)


@contextmanager
def connected(seconds: int = ANSWER_SECONDS) -> Iterator[Any]:
    """The engine that the command `docker` finds, as docker.APIClient. `seconds` is the longest wait for an answer."""
    with closing(APIClient(base_url=engine_address(), timeout=seconds, version="auto")) as client:
        client.trust_env = False  # no proxy is asked for, which takes longer than the answer
        yield client


def ask(
    client: Any,
    method: str,
    what: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
    **parameters: str | int | bool,
) -> Response:
    """Ask the engine for something that comes in a stream, silent for `seconds` at most. Whoever asked closes the answer.

    The library's own calls keep the connection to themselves, where it can't be closed before its end.
    """
    answer: Response = client.request(
        method,
        f"{client.base_url}/v{client.api_version}/{what}",
        params=parameters,
        data=data,
        headers=headers,
        stream=True,
        timeout=(_CONNECT_SECONDS, seconds),
    )
    return answer


def confined(client: Any, limits: Limits, **more: Any) -> dict[str, Any]:
    """The settings of a container without network, capabilities and new privileges, in the engine's words."""
    ulimits = {"fsize": limits.file_bytes, "nofile": limits.open_files, "core": 0, **more.pop("ulimits", {})}
    settings: dict[str, Any] = client.create_host_config(
        network_mode="none",
        ipc_mode="private",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        pids_limit=limits.processes,
        mem_limit=limits.tree_bytes,
        memswap_limit=limits.tree_bytes,
        oom_score_adj=1000,
        ulimits=[Ulimit(name=name, soft=value, hard=value) for name, value in ulimits.items()],
        log_config=LogConfig(type="none"),
        **more,
    )
    return settings


def run_container(client: Any, container: str, command: tuple[str, ...], limits: Limits) -> Run:
    """Start a container, read what it writes, and end it at a limit. Every process of it is gone at the end.

    A command that is not in the image, or may not be started, ends with 127, as a shell says it.
    """
    output = bytearray()
    with closing(ask(client, "POST", f"containers/{container}/attach", stream=1, stdout=1, stderr=1)) as attached:
        attached.raise_for_status()
        try:
            client.start(container)
        except APIError as error:
            if _CANNOT_START.search(error.explanation or ""):
                return Run(command, 127, str(error.explanation).encode()[: limits.output_bytes], 0.0, "exited")
            raise
        with Watch({"id": container}, limits) as watch:
            for chunk in _frames(attached):
                # Read to the end: an engine whose output nobody reads ends nothing.
                output += chunk[: limits.output_bytes + 1 - len(output)]
                if len(output) > limits.output_bytes:
                    watch.end("output")
            code = client.wait(container, timeout=ANSWER_SECONDS + limits.wall_seconds)["StatusCode"]
            seconds = watch.seconds
    if client.inspect_container(container)["State"]["OOMKilled"]:
        watch.ended = "memory"
    return watch.run(command, code, bytes(output[: limits.output_bytes]), seconds)


def _frames(attached: Response) -> Iterator[bytes]:
    """The output of a container, frame by frame.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
    """
    while len(header := attached.raw.read(8)) == 8:
        yield attached.raw.read(int.from_bytes(header[4:]))


def copy_out(client: Any, container: str, path: str, into: Path, limits: Limits) -> bool:
    """Copy what is in a folder of a container that has ended into the folder `into`: plain files and folders.

    False where it is larger than the limits. Nothing happens where it is missing.
    """
    plain = {"Accept-Encoding": "identity"}  # else the engine packs it
    with closing(ask(client, "GET", f"containers/{container}/archive", None, plain, path=path)) as answer:
        if answer.status_code == 404:
            return True
        answer.raise_for_status()
        try:
            unpack(cast("IO[bytes]", answer.raw), into, budget=Budget.of(limits))
        except TooLarge:
            return False
    return True


class Watch:
    """Watches the containers that `filters` (those of `docker ps`) choose, from entering to leaving.

    All of them together have the limits. It has a connection of its own.
    """

    def __init__(self, filters: Mapping[str, str], limits: Limits) -> None:
        self._filters = dict(filters)
        self._limits = limits
        self._cpu: dict[str, float] = {}
        self._written: dict[str, int] = {}
        self._began = time.monotonic()
        self._open = ExitStack()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.ended: Ended = "exited"

    @property
    def seconds(self) -> float:
        """Time by the clock since the watch began."""
        return time.monotonic() - self._began

    def __enter__(self) -> Self:
        self._client = self._open.enter_context(connected())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()
        self._open.close()

    def end(self, why: Ended) -> None:
        """Kill what runs, now and whatever is started yet."""
        if self.ended == "exited":
            self.ended = why

    def run(self, command: tuple[str, ...], code: int, output: bytes, seconds: float) -> Run:
        """The run that was watched, as far as it is over."""
        return Run(
            command, code if self.ended == "exited" else None, output, seconds, self.ended, sum(self._cpu.values())
        )

    def _look(self) -> None:
        while not self._left.wait(_LOOK_SECONDS if self.ended == "exited" else _LOOK_SECONDS / 10):
            with suppress(*TROUBLE):  # whoever waits for the containers meets the same trouble
                running = self._client.containers(filters=self._filters, size=self.ended == "exited")
                for container in running if self.ended == "exited" else ():
                    self._count(container["Id"], int(container.get("SizeRw") or 0))
                if over := self._over():
                    self.end(over)
                for container in running if self.ended != "exited" else ():
                    with suppress(*TROUBLE):  # it has ended
                        self._client.kill(container["Id"])

    def _count(self, container: str, written: int) -> None:
        self._written[container] = max(written, self._written.get(container, 0))
        with suppress(*TROUBLE, KeyError):  # it has ended
            used = self._client.stats(container, stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"]
            self._cpu[container] = max(used / 1e9, self._cpu.get(container, 0.0))

    def _over(self) -> Ended | None:
        if sum(self._written.values()) > self._limits.disk_bytes:
            return "results"
        if sum(self._cpu.values()) > self._limits.cpu_seconds:
            return "cpu"
        return "timeout" if self.seconds > self._limits.wall_seconds else None
