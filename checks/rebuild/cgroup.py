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
class Hierarchy:
    """Where groups are made, and which files tell of memory and time."""

    memory: Path
    time: Path
    limit: str
    swap: str
    kills: str
    usage: str


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """One group of processes."""

    hierarchy: Hierarchy
    name: str

    @property
    def folders(self) -> tuple[Path, ...]:
        """The group's folder in each hierarchy."""
        return tuple(dict.fromkeys((self.hierarchy.memory / self.name, self.hierarchy.time / self.name)))

    @property
    def usage(self) -> Path:
        """The file that tells the processor time used so far; see `seconds`."""
        return self.hierarchy.time / self.name / self.hierarchy.usage

    def add(self, process: int) -> None:
        """Move a process into the group; whatever it starts is in it too."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(process))

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group because the group had used up its memory."""
        with suppress(OSError):
            for line in (self.hierarchy.memory / self.name / self.hierarchy.kills).read_text().splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count) > 0
        return False


@contextmanager
def control_group(memory_bytes: int) -> Iterator[ControlGroup | None]:
    """A group whose processes together may use `memory_bytes`; None where this user can make none.

    Every process of it must have ended when the block ends.
    """
    hierarchy = _find()
    group = _make(hierarchy, memory_bytes) if hierarchy else None
    try:
        yield group
    finally:
        if group:
            _remove(group)


def _make(hierarchy: Hierarchy, memory_bytes: int) -> ControlGroup | None:
    group = ControlGroup(hierarchy, f"mlsd-{os.getpid()}-{time.monotonic_ns()}")
    try:
        for folder in group.folders:
            folder.mkdir()
        (hierarchy.memory / group.name / hierarchy.limit).write_text(str(memory_bytes))
    except OSError:
        _remove(group)
        return None
    with suppress(OSError):  # a kernel without swap accounting has no such file
        (hierarchy.memory / group.name / hierarchy.swap).write_text(
            str(memory_bytes) if "memsw" in hierarchy.swap else "0"
        )
    return group


def _remove(group: ControlGroup) -> None:
    until = time.monotonic() + _REMOVAL_SECONDS
    for folder in group.folders:
        while folder.is_dir():
            try:
                folder.rmdir()
            except OSError:
                if time.monotonic() > until:
                    break
                time.sleep(0.01)


def _find() -> Hierarchy | None:
    """Where this process may make groups, or None."""
    mounts, own = _mounts(), _own()
    if "memory" in mounts and "cpuacct" in mounts:
        memory, accounting = (mounts[name] / own.get(name, "/").lstrip("/") for name in ("memory", "cpuacct"))
        if os.access(memory, os.W_OK) and os.access(accounting, os.W_OK):
            return Hierarchy(
                memory,
                accounting,
                limit="memory.limit_in_bytes",
                swap="memory.memsw.limit_in_bytes",
                kills="memory.oom_control",
                usage="cpuacct.usage",
            )
    if "" in mounts:
        top = mounts[""]
        here = top / own.get("", "/").lstrip("/")
        # A group with processes of its own can't share out memory to groups below it: look further up.
        for folder in (here, *here.parents):
            if not folder.is_relative_to(top):
                break
            with suppress(OSError):
                shared = (folder / "cgroup.subtree_control").read_text().split()
                if "memory" in shared and os.access(folder / "cgroup.procs", os.W_OK):
                    return Hierarchy(
                        folder,
                        folder,
                        limit="memory.max",
                        swap="memory.swap.max",
                        kills="memory.events",
                        usage="cpu.stat",
                    )
    return None


def _mounts() -> dict[str, Path]:
    """The mount point of each controller of version 1, and of version 2 under an empty name."""
    found: dict[str, Path] = {}
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text().splitlines():
            _, place, kind, options, *_ = line.split(" ")
            if kind == "cgroup2":
                found.setdefault("", Path(place))
            elif kind == "cgroup":
                for option in options.split(","):
                    found.setdefault(option, Path(place))
    return found


def _own() -> dict[str, str]:
    """The group of this process for each controller; of version 2 under an empty name."""
    found: dict[str, str] = {}
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                found[controller] = path
    return found
