"""A control group for one sandbox: the memory and the processor time of everything that runs in it, as one sum.

Address-space limits are for each process, and do not see memory that no address space shows (`memfd_create`, System V
segments); a control group sees all of it. Both versions are known: https://docs.kernel.org/admin-guide/cgroup-v1/
and https://docs.kernel.org/admin-guide/cgroup-v2.html. Making one needs root, or a part of the tree that was handed
to the user (`Delegate=yes`); elsewhere the limits of each process have to do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_REMOVAL_SECONDS = 2.0
"""How long the kernel may take to let go of the last process of a group."""


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """One group of processes: its folders, one in version 2 and two in version 1, and the names of its files."""

    memory: Path
    time: Path
    version: int

    @property
    def folders(self) -> tuple[Path, ...]:
        """The group's folder in each hierarchy."""
        return tuple(dict.fromkeys((self.memory, self.time)))

    def join(self) -> None:
        """Move this process into the group; whatever it starts is in it too."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text("0")

    def seconds(self) -> float:
        """Processor time that the group has used so far."""
        if self.version == 1:
            return int((self.time / "cpuacct.usage").read_text()) / 1e9
        return self._count(self.time / "cpu.stat", "usage_usec") / 1e6

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group because the group had used up its memory."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        return self._count(self.memory / name, "oom_kill") > 0

    def limit(self, memory_bytes: int) -> None:
        """Let the processes together have so much memory, and no swap beyond it where the kernel counts swap."""
        names = ("limit_in_bytes", "memsw.limit_in_bytes") if self.version == 1 else ("max", "swap.max")
        (self.memory / f"memory.{names[0]}").write_text(str(memory_bytes))
        with suppress(OSError):
            (self.memory / f"memory.{names[1]}").write_text(str(memory_bytes if self.version == 1 else 0))

    def remove(self) -> None:
        """Remove the group, as soon as its last process is gone."""
        until = time.monotonic() + _REMOVAL_SECONDS
        for folder in self.folders:
            while folder.is_dir() and time.monotonic() < until:
                try:
                    folder.rmdir()
                except OSError:
                    time.sleep(0.01)

    @staticmethod
    def _count(file: Path, name: str) -> int:
        with suppress(OSError):
            for line in file.read_text().splitlines():
                if line.startswith(f"{name} "):
                    return int(line.rpartition(" ")[2])
        return 0


@contextmanager
def control_group(memory_bytes: int) -> Iterator[ControlGroup | None]:
    """A group whose processes together may use `memory_bytes`; None where this user can make none.

    Every process of it must have ended when the block ends.
    """
    group = _find(f"mlsd-{os.getpid()}-{time.monotonic_ns()}")
    try:
        for folder in group.folders if group else ():
            folder.mkdir()
        if group:
            group.limit(memory_bytes)
    except OSError:
        if group:
            group.remove()
        group = None
    try:
        yield group
    finally:
        if group:
            group.remove()


def _find(name: str) -> ControlGroup | None:
    """A group of this name where this process may make one, or None."""
    mounts, own = _mounts(), _own()
    if "memory" in mounts and "cpuacct" in mounts:
        memory, accounting = (mounts[kind] / own.get(kind, "/").lstrip("/") for kind in ("memory", "cpuacct"))
        if os.access(memory, os.W_OK) and os.access(accounting, os.W_OK):
            return ControlGroup(memory / name, accounting / name, 1)
    if "" in mounts:
        here = mounts[""] / own.get("", "/").lstrip("/")
        # A group with processes of its own can't share out memory to groups below it: look further up.
        for folder in (here, *here.parents):
            if not folder.is_relative_to(mounts[""]):
                break
            with suppress(OSError):
                shared = (folder / "cgroup.subtree_control").read_text().split()
                if "memory" in shared and os.access(folder / "cgroup.procs", os.W_OK):
                    return ControlGroup(folder / name, folder / name, 2)
    return None


def _mounts() -> dict[str, Path]:
    """The mount point of each controller of version 1, and of version 2 under an empty name."""
    found: dict[str, Path] = {}
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text().splitlines():
            _, place, kind, options, *_ = line.split(" ")
            for name in [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []:
                found.setdefault(name, Path(place))
    return found


def _own() -> dict[str, str]:
    """The group of this process for each controller; of version 2 under an empty name."""
    found: dict[str, str] = {}
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            found |= dict.fromkeys(controllers.split(","), path)
    return found
