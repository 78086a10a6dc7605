"""The sandbox of every system with a Docker engine: a container of the course's own image.

No network, no capability, no way to new privileges, a user without any; the image's file system read-only, and only
the image's environment beside what a rebuild needs. Everything that can be written lies in one volume of limited size
in memory, held by a small container of ours, the holder: it runs `sleep` and nothing of the learner's, and keeps the
volume while the worker comes and goes. Folders of the volume appear at several places of the worker, by volumes that
bind them: size and number of files are limits of all those places together. They are read when the worker has ended:
with process 1 the kernel ends every other process of the container.

A container takes about a second to start; bubblewrap, which takes a few hundredths, goes first where it works. If this
process is killed, its containers stay: the next rebuild removes those whose time is over.
"""

from __future__ import annotations

import functools
import posixpath
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Command, Run, SandboxError, SandboxUnavailable, environment
from checks.rebuild.tree import Budget, TooLarge, copy_results, pack, pack_folder, parts

if TYPE_CHECKING:
    from docker.types import Mount

IMAGE = "mlsd-workshop"
"""The course's own image, made of the Dockerfile at the course's root."""
BUILD = f"docker build --tag {IMAGE} ."
USER = 1000
"""The user inside. The image need not know it."""
WRITABLE = {"work": "/rebuild", "home": "/home/learner", "tmp": "/tmp", "shm": "/dev/shm"}
"""The folders of the volume that this user may write, and where they appear."""

_BOX = "/box"
"""Where the holder has the volume."""
_PATH = "/usr/local/bin:/usr/bin:/bin"
_SET_UP_SECONDS = 120
"""How long everything beside the run itself may take."""
_PAGE = 4096
"""A file in memory takes whole pages."""


@dataclass(frozen=True)
class Container:
    """Runs a command in a container. See `checks.rebuild.sandbox.Sandbox`; get one from `find_sandbox`."""

    image: str = IMAGE

    def __str__(self) -> str:
        return f"the Docker engine with the image {self.image}"

    def run(self, command: Command) -> Run:
        """See `Sandbox.run`. Programs are those of the image, found on its PATH."""
        from checks.rebuild.docker_run import LABEL, copy_out, run_container

        inner, limits = "/".join(parts(command.cwd)), command.limits
        for name in (*command.read_only.values(), *command.results):
            parts(name)
        for folder in (*command.read_only, command.work / inner):
            if folder.is_symlink() or not folder.is_dir():
                raise SandboxError(f"{folder} is no folder")
        seconds = int(limits.wall_seconds) + _SET_UP_SECONDS
        labels = {LABEL: str(int(time.time()) + seconds)}
        with _engine() as client, ExitStack() as made:
            _sweep(client, LABEL)
            holder, mounts = _filled(client, self.image, labels, made, command, seconds)
            worker = client.create_container(
                self.image,
                list(command.argv),
                entrypoint=[],
                user=f"{USER}:{USER}",
                hostname="rebuild",
                working_dir=posixpath.join(WRITABLE["work"], inner),
                labels=labels,
                healthcheck={"test": ["NONE"]},
                **_settings(client, self.image, command, mounts),
            )["Id"]
            made.callback(client.remove_container, worker, force=True)
            run = run_container(client, worker, tuple(command.argv), limits)
            if run.exit_code == 127 and not run.seconds:
                raise SandboxError(run.last_lines())
            if not command.results or command.out is None:
                return run
            with tempfile.TemporaryDirectory(prefix="mlsd-taken-") as taken:
                try:
                    if copy_out(client, holder, f"{_BOX}/work", Path(taken), limits):
                        copy_results(Path(taken), command.results, command.out, budget=Budget.of(limits))
                        return run
                except TooLarge:
                    pass
            return replace(run, ended="results")


@functools.cache
def unavailable(image: str = IMAGE) -> SandboxUnavailable | None:
    """Say why no container of `image` works here and what would do, or None. Tried once, by really running one."""
    from docker.errors import DockerException, ImageNotFound

    from checks.rebuild.docker_run import connected

    try:
        with connected() as client:
            client.inspect_image(image)
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


@contextmanager
def _engine() -> Iterator[Any]:
    """The engine. What goes wrong with it is nobody's work."""
    from checks.rebuild.docker_run import TROUBLE, connected

    try:
        with connected() as client:
            yield client
    except TROUBLE as error:
        raise SandboxError(f"the Docker engine: {getattr(error, 'explanation', None) or error}") from error
    except (OSError, tarfile.TarError) as error:  # of a file of ours
        raise SandboxError(f"the container could not be filled or watched: {error}") from error


def _sweep(client: Any, label: str) -> None:
    """Remove what a process that was killed has left behind."""
    from docker.errors import APIError

    for container in client.containers(all=True, filters={"label": label}):
        if int(container["Labels"][label]) < time.time():
            with suppress(APIError):  # another process was quicker
                client.remove_container(container["Id"], force=True)
    for volume in client.volumes(filters={"label": label})["Volumes"] or ():
        if int(volume["Labels"][label]) < time.time():
            with suppress(APIError):
                client.remove_volume(volume["Name"], force=True)


def _settings(client: Any, image: str, command: Command, mounts: list[Mount]) -> dict[str, Any]:
    from checks.rebuild.docker_run import confined

    config, limits = client.inspect_image(image)["Config"], command.limits
    own = dict(line.split("=", 1) for line in config["Env"] or ())
    # More time than ours: where the whole tree is one process, we end it and say why.
    ulimits = {"cpu": limits.cpu_seconds + 5, "data": limits.memory_bytes}
    # The course itself, with its solutions, lies in the image's working folder: out of sight.
    hidden = {config["WorkingDir"]: "ro,size=4k,mode=0555"} if config["WorkingDir"].strip("/") else {}
    path = own.get("PATH", _PATH)
    return {
        "environment": environment(command.variables, home=WRITABLE["home"], temporary="/tmp", path=path),
        "host_config": confined(
            client, limits, ulimits=ulimits, init=True, read_only=True, tmpfs=hidden, mounts=mounts
        ),
    }


def _filled(
    client: Any, image: str, labels: Mapping[str, str], made: ExitStack, command: Command, seconds: int
) -> tuple[str, list[Mount]]:
    """A volume with a copy of the work, and of each read-only folder for its place below it.

    Gives the holder's id and where the volume's folders are to be mounted. The holder ends by itself after `seconds`;
    `made` removes all of it. Raises TooLarge where the work does not fit the limits.
    """
    from docker.errors import APIError
    from docker.types import Mount

    from checks.rebuild.docker_run import confined

    limits, archive = command.limits, tempfile.TemporaryFile()  # noqa: SIM115 - `made` closes it
    made.enter_context(archive)
    size, files = _pack(archive, command.work, command.read_only, limits)
    room = f"size={limits.disk_bytes + size},nr_inodes={limits.disk_files + files},mode=0755"

    def volume(options: Mapping[str, str]) -> dict[str, Any]:
        new: dict[str, Any] = client.create_volume(driver="local", driver_opts=dict(options), labels=dict(labels))
        made.callback(partial(client.remove_volume, new["Name"], force=True))
        return new

    whole = volume({"type": "tmpfs", "device": "tmpfs", "o": room})
    holder: str = client.create_container(
        image,
        ["sleep", str(seconds)],
        entrypoint=[],
        user=str(USER + 1),
        labels=dict(labels),
        healthcheck={"test": ["NONE"]},
        host_config=confined(
            client, limits, init=True, read_only=True, mounts=[Mount(_BOX, whole["Name"], no_copy=True)]
        ),
    )["Id"]
    made.callback(partial(client.remove_container, holder, force=True))
    client.start(holder)
    archive.seek(0)
    try:
        client.put_archive(holder, _BOX, archive)
    except APIError as error:
        if "no space left" in str(error).lower():
            raise TooLarge("more bytes or files than the limits allow") from error
        raise
    places = {name: (place, False) for name, place in WRITABLE.items()}
    for number, place in enumerate(command.read_only.values()):
        places[f"fixed{number}"] = (posixpath.join(WRITABLE["work"], *parts(place)), True)
    mounts = []
    for name, (place, read_only) in places.items():
        bound = volume({"type": "none", "device": f"{whole['Mountpoint']}/{name}", "o": "bind"})
        mounts.append(Mount(place, bound["Name"], no_copy=True, read_only=read_only))
    return holder, mounts


def _pack(archive: IO[bytes], work: Path, fixed: Mapping[Path, str], limits: Limits) -> tuple[int, int]:
    """Write what goes into the volume. Returns how many bytes and files of it are no part of the worker's share."""
    size, files = 0, 1 + len(WRITABLE)
    places = {source: "/".join(parts(place)) for source, place in fixed.items()}
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in WRITABLE:
            pack_folder(tar, name, USER)
        covered = [f"work/{place}" for place in places.values()]
        pack(tar, work, "work", budget=Budget.of(limits), user=USER, covered=covered)
        for number, (source, place) in enumerate(places.items()):
            for above in reversed(PurePosixPath(place).parents[:-1]):
                if (work / above).is_symlink() or ((work / above).exists() and not (work / above).is_dir()):
                    raise SandboxError(f"{above} is no folder, and a read-only folder is to appear below it")
                pack_folder(tar, f"work/{above}", USER)
            pack_folder(tar, f"work/{place}", USER)
            budget = Budget.of(limits)
            pack(tar, source, f"fixed{number}", budget=budget, user=0)
            entries = limits.disk_files - budget.entries
            size, files = size + limits.disk_bytes - budget.size + entries * _PAGE, files + entries + 3
    return size, files
