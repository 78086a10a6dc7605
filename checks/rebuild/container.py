"""The sandbox of every system with a Docker engine: a container of the course's own image.

No network, no capability, no way to new privileges, a user without any; the image's file system read-only, and only
the image's environment beside what a rebuild needs. Everything that can be written lies in one volume of limited size
(`checks.rebuild.volume`), which is read when the container has ended: with process 1 the kernel ends every other
process of the container. Memory and processor time are those of the whole tree, as the engine counts them.

A container takes about a second to start; `checks.rebuild.bubblewrap`, which takes a few hundredths, goes first where
it works. If this process is killed, its containers stay: the next rebuild removes those whose time is over.
"""

from __future__ import annotations

import contextlib
import functools
import posixpath
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.evidence.docker.engine import address
from checks.rebuild import volume
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Command, Run, SandboxError, SandboxUnavailable, environment
from checks.rebuild.tree import parts
from checks.rebuild.watched_container import ANSWER_SECONDS, watch

if TYPE_CHECKING:
    from docker import DockerClient

IMAGE = "mlsd-workshop"
"""The course's own image, made of the Dockerfile at the course's root."""
BUILD = f"docker build --tag {IMAGE} ."
LABEL = "mlsd-workshop.rebuild"
"""On all that a rebuild makes in the engine. Its value is the time, in seconds of the epoch, when it is a leftover."""

_PATH = "/usr/local/bin:/usr/bin:/bin"
_SET_UP_SECONDS = ANSWER_SECONDS
"""How long everything beside the run itself may take."""


@dataclass(frozen=True)
class Container:
    """Runs a command in a container. See `checks.rebuild.sandbox.Sandbox`; get one from `find_sandbox`."""

    image: str = IMAGE

    def __str__(self) -> str:
        return f"the Docker engine with the image {self.image}"

    def run(self, command: Command) -> Run:
        """See `Sandbox.run`. `work` stays as it is. Programs are those of the image, found on its PATH."""
        fixed = {source: "/".join(parts(place)) for source, place in command.read_only.items()}
        inner = "/".join(parts(command.cwd))
        for name in command.results:
            parts(name)
        if command.results and command.out is None:
            raise ValueError("results need a folder to be copied to")
        for folder in (*fixed, command.work / inner):
            if folder.is_symlink() or not folder.is_dir():
                raise SandboxError(f"{folder} is no folder")
        limits = command.limits
        seconds = int(limits.wall_seconds) + _SET_UP_SECONDS
        labels = {LABEL: str(int(time.time()) + seconds)}
        with _engine() as engine:
            _sweep(engine)
            box = volume.filled(
                engine, self.image, labels, work=command.work, fixed=fixed, limits=limits, seconds=seconds
            )
            with box as filled:
                settings = {
                    **_confined(engine, self.image, command.variables, limits),
                    "working_dir": posixpath.join(volume.WRITABLE["work"], inner),
                    "mounts": filled.mounts,
                    "labels": labels,
                }
                worker = engine.containers.create(self.image, list(command.argv), **settings)
                try:
                    run = watch(engine, worker, tuple(command.argv), limits)
                finally:
                    worker.remove(force=True)
                if command.out is None or filled.take(engine, command.results, command.out, limits):
                    return run
                return replace(run, ended="results")


@functools.cache
def unavailable(image: str = IMAGE) -> SandboxUnavailable | None:
    """Say why no container of `image` works here and what would do, or None. Tried once, by really running one."""
    from docker.errors import DockerException, ImageNotFound

    try:
        with contextlib.closing(_connect()) as engine:
            engine.images.get(image)
    except ImageNotFound:
        return SandboxUnavailable(f"the Docker engine has no image {image}", BUILD)
    except (DockerException, OSError):
        return SandboxUnavailable("no Docker engine answers", f"start Docker, then: {BUILD}")
    try:
        with tempfile.TemporaryDirectory(prefix="mlsd-probe-") as work:
            run = Container(image).run(Command(["python", "-c", "print('works')"], work=Path(work)))
    except SandboxError as error:
        return SandboxUnavailable(f"a container of {image} does not start: {error}", "docker info")
    if (run.exit_code, run.output) != (0, b"works\n"):
        return SandboxUnavailable(f"no Python runs in the image {image}: {run.last_lines(1) or run.ended}", BUILD)
    return None


def _connect() -> DockerClient:
    import docker

    engine = docker.DockerClient(base_url=address(), timeout=ANSWER_SECONDS)
    engine.api.trust_env = False  # no proxy is asked for, which takes longer than the answer
    return engine


@contextmanager
def _engine() -> Iterator[DockerClient]:
    """The engine. What goes wrong with it is nobody's work."""
    from docker.errors import DockerException

    try:
        with contextlib.closing(_connect()) as engine:
            yield engine
    except DockerException as error:
        raise SandboxError(f"the Docker engine: {getattr(error, 'explanation', None) or error}") from error
    except (OSError, tarfile.TarError) as error:  # of the connection (`requests`), of a file of ours
        raise SandboxError(f"the container could not be filled or watched: {error}") from error


def _sweep(engine: DockerClient) -> None:
    """Remove what a process that was killed has left behind."""
    from docker.errors import APIError

    for container in engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        if int(container.labels[LABEL]) < time.time():
            with contextlib.suppress(APIError):  # another process was quicker
                container.remove(force=True)
    for left in engine.volumes.list(filters={"label": LABEL}):
        if int(left.attrs["Labels"][LABEL]) < time.time():
            with contextlib.suppress(APIError):
                left.remove(force=True)


def _confined(engine: DockerClient, image: str, variables: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    from docker.types import LogConfig, Ulimit

    config = engine.images.get(image).attrs["Config"]
    own = dict(line.split("=", 1) for line in config["Env"] or ())
    home = volume.WRITABLE["home"]
    ulimits = {
        # A second more than ours: where the whole tree is one process, we end it and say why.
        "cpu": limits.cpu_seconds + 1,
        "data": limits.memory_bytes,
        "fsize": limits.file_bytes,
        "nofile": limits.open_files,
        "core": 0,
    }
    # The course itself, with its solutions, lies in the image's working folder: out of sight.
    hidden = {config["WorkingDir"]: "ro,size=4k,mode=0555"} if config["WorkingDir"].strip("/") else {}
    return {
        "entrypoint": [],
        "environment": environment(variables, home=home, temporary="/tmp", path=own.get("PATH", _PATH)),
        "user": f"{volume.USER}:{volume.USER}",
        "hostname": "rebuild",
        "init": True,
        "network_mode": "none",
        "ipc_mode": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": limits.processes,
        "mem_limit": limits.tree_bytes,
        "memswap_limit": limits.tree_bytes,
        "oom_score_adj": 1000,
        "ulimits": [Ulimit(name=name, soft=value, hard=value) for name, value in ulimits.items()],
        "tmpfs": hidden,
        "healthcheck": {"test": ["NONE"]},
        "log_config": LogConfig(type="none"),
    }
