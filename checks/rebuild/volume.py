"""What a container may write: one volume of limited size in memory, held by a small container of ours.

The volume lives as long as some container has it, so the holder, which runs `sleep` and nothing of the learner's,
keeps it while the worker comes and goes. What was made is read out of it when no process of the worker is left.
Folders of the volume appear at several places of the worker, by volumes that bind them: size and number of files are
limits of all those places together.
"""

from __future__ import annotations

import posixpath
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from checks.rebuild import packed
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import SandboxError
from checks.rebuild.tree import Budget, TooLarge

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.models.volumes import Volume
    from docker.types import Mount
    from requests import Response

USER = 1000
"""The user inside. The image need not know it."""
WRITABLE = {"work": "/rebuild", "home": "/home/learner", "tmp": "/tmp", "shm": "/dev/shm"}
"""The folders of the volume that this user may write, and where they appear."""
_BOX = "/box"
_CHUNK = 1024 * 1024
_CONNECT_SECONDS = 60
_PAGE = 4096
"""A file in memory takes whole pages."""


@dataclass(frozen=True)
class Box:
    """A filled volume, its holder, and where its folders are to be mounted."""

    holder: Container
    mounts: Sequence[Mount]

    def take(self, engine: DockerClient, results: Sequence[str], out: Path, limits: Limits) -> bool:
        """Copy `results`, paths below the work folder, to `out`. False where the folder is larger than the limits.

        No process that can write to the volume may be left.
        """
        with tempfile.TemporaryDirectory(prefix="mlsd-taken-") as scratch:
            taken = Path(scratch)
            try:
                with ask(engine, "GET", self.holder, "archive", path=f"{_BOX}/work") as answer:
                    packed.unpack(answer.iter_content(_CHUNK), taken, budget=_budget(limits))
            except TooLarge:
                return False
            for name in map(posixpath.normpath, results):
                if name == ".":
                    shutil.copytree(taken, out, dirs_exist_ok=True)
                elif (taken / name).exists():
                    (out / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(taken / name, out / name)
        return True


def ask(engine: DockerClient, method: str, container: Container, what: str, **parameters: str | int) -> Response:
    """Ask the engine for something of a container that comes in a stream; whoever asked closes the answer.

    The SDK's own calls keep the connection to themselves, where it can't be closed before its end.
    """
    url = f"{engine.api.base_url}/v{engine.api.api_version}/containers/{container.id}/{what}"
    answer: Response = engine.api.request(method, url, params=parameters, stream=True, timeout=(_CONNECT_SECONDS, None))
    answer.raise_for_status()
    return answer


@contextmanager
def filled(
    engine: DockerClient,
    image: str,
    labels: Mapping[str, str],
    *,
    work: Path,
    fixed: Mapping[Path, str],
    limits: Limits,
    seconds: int,
) -> Iterator[Box]:
    """A box with a copy of `work`, and of each folder of `fixed` for its place below the work folder, read-only there.

    The holder ends by itself after `seconds`. All of it is removed at the end. Raises TooLarge where `work` does not
    fit the limits.
    """
    from docker.errors import APIError
    from docker.types import LogConfig, Mount

    with tempfile.TemporaryFile() as archive, ExitStack() as made:
        size, files = _pack(archive, work, fixed, limits)
        room = f"size={limits.disk_bytes + size},nr_inodes={limits.disk_files + files},mode=0755"

        def volume(options: Mapping[str, str]) -> Volume:
            new = engine.volumes.create(driver="local", driver_opts=dict(options), labels=dict(labels))
            made.callback(new.remove, force=True)
            return new

        whole = volume({"type": "tmpfs", "device": "tmpfs", "o": room})
        holder = engine.containers.create(
            image,
            ["sleep", str(seconds)],
            entrypoint=[],
            user=str(USER + 1),
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            init=True,
            healthcheck={"test": ["NONE"]},
            labels=dict(labels),
            log_config=LogConfig(type="none"),
            mounts=[Mount(_BOX, whole.name, no_copy=True)],
        )
        made.callback(holder.remove, force=True)
        holder.start()
        archive.seek(0)
        try:
            holder.put_archive(_BOX, archive)
        except APIError as error:
            if "no space left" in str(error).lower():
                raise TooLarge("more bytes or files than the limits allow") from error
            raise
        places = {name: (place, False) for name, place in WRITABLE.items()}
        places |= {f"fixed{n}": (f"{WRITABLE['work']}/{place}", True) for n, place in enumerate(fixed.values())}
        mounts = []
        for name, (place, read_only) in places.items():
            bound = volume({"type": "none", "device": f"{whole.attrs['Mountpoint']}/{name}", "o": "bind"})
            mounts.append(Mount(place, bound.name, no_copy=True, read_only=read_only))
        yield Box(holder, mounts)


def _pack(archive: IO[bytes], work: Path, fixed: Mapping[Path, str], limits: Limits) -> tuple[int, int]:
    """Write what goes into the volume. Returns how many bytes and files of it are no part of the worker's share."""
    size, files = 0, 1 + len(WRITABLE)
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in WRITABLE:
            packed.add_folder(tar, name, USER)
        covered = [f"work/{place}" for place in fixed.values()]
        packed.add_below(tar, work, "work", budget=_budget(limits), user=USER, covered=covered)
        for number, (source, place) in enumerate(fixed.items()):
            for above in reversed(PurePosixPath(place).parents[:-1]):
                _need_folder(work, above)
                packed.add_folder(tar, f"work/{above}", USER)
            packed.add_folder(tar, f"work/{place}", USER)
            budget = _budget(limits)
            packed.add_folder(tar, f"fixed{number}", 0)
            packed.add_below(tar, source, f"fixed{number}", budget=budget, user=0)
            entries = limits.disk_files - budget.entries
            size, files = size + limits.disk_bytes - budget.size + entries * _PAGE, files + entries + 3
    return size, files


def _budget(limits: Limits) -> Budget:
    return Budget(size=limits.disk_bytes, entries=limits.disk_files)


def _need_folder(work: Path, inner: PurePosixPath) -> None:
    place = work / inner
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise SandboxError(f"{inner} is no folder, and a read-only folder is to appear below it")
