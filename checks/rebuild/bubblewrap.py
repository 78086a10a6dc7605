"""The sandbox of Linux: bubblewrap, kept by `checks.rebuild.keeper`.

No network, no capability, no further user namespace, no environment of ours; the system, the interpreter and its
installed packages read-only at the places where they always are. Everything that can be written - the work folder at
`/rebuild`, the home, `/tmp` and `/dev/shm` - lies in one tmpfs whose size and number of files are the disk limits, so
the total is capped and not only each file. That tmpfs is memory of the machine. Results are copied out of it by us
after the kernel has confirmed that every process is gone.

Memory is limited per process (address space), processes by number. Where we may make a control group, memory and
processor time are limited for the whole tree too, whatever kind of memory it is; see `checks.rebuild.cgroup`. Should
the machine run out of memory, the kernel takes the sandbox first.
"""

from __future__ import annotations

import errno
import functools
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from checks.rebuild.cgroup import ControlGroup, control_group
from checks.rebuild.command import Command
from checks.rebuild.keeper import messages, mounts
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Run, SandboxError, copy_results, environment
from checks.rebuild.tree import Budget, TooLarge, clear, copy_below, descend, folder, parts

INSIDE = "/rebuild"
"""Where the work folder appears. A name that no system has, because the interpreter keeps its own place beside it."""
HOME = "/home/learner"

_USER = 1000
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/mime.types")
_MADE = {
    "passwd": f"root:x:0:0::/:/bin/false\nlearner:x:{_USER}:{_USER}::{HOME}:/bin/sh\n",
    "group": f"root:x:0:\nlearner:x:{_USER}:\n",
    "hosts": "127.0.0.1 localhost rebuild\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_START = "import sys; sys.path.append(sys.argv[2]); from keeper import program; program.run()"
"""Imported, and not run as a script, because a script is compiled each time."""
_SET_UP_SECONDS = 20.0
"""How long the keeper may take beside the run itself before we give it up."""


class Bubblewrap:
    """Runs a command inside bubblewrap. See `checks.rebuild.sandbox.Sandbox`; get one from `find_sandbox`."""

    def __str__(self) -> str:
        return "bubblewrap"

    def run(self, command: Command) -> Run:
        """See `Sandbox.run`. `work` stays as it is: the sandbox has a copy."""
        limits = command.limits
        places = {source: parts(place) for source, place in command.read_only.items()}
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxError("bubblewrap (bwrap) is not installed")
        own = _own_folders()
        for source in command.read_only:
            _readable(source)
        request = {
            # An interpreter may lie behind a link, as Homebrew's does. It appears where it says it is.
            "sources": [*map(os.path.realpath, own), *(os.path.abspath(source) for source in command.read_only)],
            "made": _MADE,
            "bwrap": [program, *_options(own, list(places.values()), "/".join(parts(command.cwd)), command.variables)],
            "argv": list(command.argv),
            "disk_bytes": limits.disk_bytes,
            "disk_files": limits.disk_files,
            "wall_seconds": limits.wall_seconds,
            "output_bytes": limits.output_bytes,
            "limits": {
                "RLIMIT_CPU": limits.cpu_seconds,
                "RLIMIT_AS": limits.memory_bytes,
                "RLIMIT_NPROC": limits.processes,
                "RLIMIT_FSIZE": limits.file_bytes,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_CORE": 0,
            },
        }
        # The keeper goes before the group: a group can be removed when nobody is in it.
        with control_group(limits.tree_bytes) as group, _Keeper() as kept:
            if group:
                group.add(kept.process_id)
            user, box = kept.start(request | {"cpu_usage": str(group.usage) if group else None})
            try:
                # Opened once, before the run, and held: nothing that runs inside can put another folder in its place.
                with descend(box, ("work",)) as inside:
                    _fill(inside, command.work, places.values(), limits, user)
                    run = _judge(tuple(command.argv), kept.finish(limits.wall_seconds), group)
                    taken = copy_results(inside, command)
            finally:
                os.close(box)
        return run if taken else replace(run, ended="results")


@functools.cache
def unavailable() -> str | None:
    """Say in one sentence why bubblewrap does not work here, or None where it does. Tried once, by really running."""
    if shutil.which("bwrap") is None:
        return "bubblewrap (bwrap) is not installed"
    try:
        with tempfile.TemporaryDirectory(prefix="mlsd-probe-") as work:
            run = Bubblewrap().run(Command([sys.executable, "-Sc", "import sys; print(sys.version)"], work=Path(work)))
    except SandboxError as error:
        hint = ""
        if _first_line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
            hint = "; kernel.apparmor_restrict_unprivileged_userns is 1 here"
        return f"bubblewrap does not work here: {error}{hint}"
    if run.exit_code != 0 or run.output.decode("utf-8", "replace").strip() != sys.version:
        return f"this Python does not run inside bubblewrap: {run.last_lines(1) or run.ended}"
    return None


def _fill(inside: int, work: Path, places: Iterable[tuple[str, ...]], limits: Limits, owner: int | None) -> None:
    """Copy `work` into the sandbox, and make an empty folder at each of `places` for a mount to cover."""
    try:
        with folder(work) as start:
            budget = Budget(size=limits.disk_bytes, entries=limits.disk_files)
            copy_below(start, inside, budget=budget, links=True, owner=owner)
        for place in places:
            clear(inside, place, owner=owner)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise TooLarge("more bytes or files than the limits allow") from error
        raise SandboxError(f"{error.filename or work} could not be copied: {error.strerror}") from error


def _judge(argv: tuple[str, ...], answer: Mapping[str, Any], group: ControlGroup | None) -> Run:
    ended, code, output = answer["ended"], answer["exit"], answer["output"]
    if group and group.out_of_memory():
        return Run(argv, None, output, answer["seconds"], "memory", answer["cpu_seconds"])
    if ended not in ("exited", "timeout", "cpu", "output"):
        raise SandboxError(f"the run was not watched to its end ({ended})")
    if ended == "exited" and code is None:
        # Bubblewrap ends by itself without reporting an exit code only where it did not come to start the command.
        if answer["returned"] >= 0:
            raise SandboxError(output.decode("utf-8", "replace").strip() or "bubblewrap failed without a word")
        ended = "killed"
    return Run(argv, code if ended == "exited" else None, output, answer["seconds"], ended, answer["cpu_seconds"])


def _own_folders() -> list[str]:
    """The interpreter and its packages, where they are not part of the system that is bound anyway."""
    wanted = dict.fromkeys(os.path.abspath(path) for path in (sys.base_prefix, sys.base_exec_prefix, sys.prefix))
    return [path for path in wanted if path != "/usr" and not path.startswith("/usr/")]


def _options(
    own: Sequence[str], places: Sequence[tuple[str, ...]], cwd: str, variables: Mapping[str, str]
) -> list[str]:
    options = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
    options += ["--clearenv", "--cap-drop", "ALL", "--hostname", "rebuild", "--json-status-fd", "{status}"]
    options += ["--uid", str(_USER), "--gid", str(_USER)]
    for path in _SYSTEM:
        if os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            options += ["--ro-bind", path, path]
    options += ["--perms", "0755", "--dir", "/etc"]
    for path in _ETC:
        options += ["--ro-bind-try", path, path]
    for name in _MADE:
        options += ["--ro-bind", f"{mounts.MADE}/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/home"]
    # Bubblewrap's /dev is a tmpfs without a limit: only the /dev/shm from the box may be written.
    options += ["--bind", f"{mounts.BOX}/shm", "/dev/shm", "--remount-ro", "/dev"]
    for name, place in (("tmp", "/tmp"), ("home", HOME), ("work", INSIDE)):
        options += ["--bind", f"{mounts.BOX}/{name}", place]
    for number, path in enumerate([*own, *("/".join((INSIDE, *place)) for place in places)]):
        options += ["--ro-bind", f"{mounts.SOURCES}/{number}", path]
    for name, value in environment(variables, home=HOME, temporary="/tmp").items():
        options += ["--setenv", name, value]
    return [*options, "--chdir", f"{INSIDE}/{cwd}", "--remount-ro", "/", "--"]


def _readable(source: Path) -> None:
    """Raise SandboxError where the sandbox's user could not read all of `source`, which would look like its fault."""
    if os.getuid() != 0:
        return
    for path, _, files in os.walk(source):
        for name, wanted in ((path, 0o5), *((os.path.join(path, file), 0o4) for file in files)):
            if os.lstat(name).st_mode & wanted != wanted:
                raise SandboxError(f"others than its owner cannot read {name}: chmod -R a+rX {source}")


def _first_line(path: str) -> str:
    try:
        with open(path) as file:
            return file.readline().strip()
    except OSError:
        return ""


class _Keeper:
    """The keeper's process and our end of its socket."""

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-ISB", "-c", _START, str(theirs.fileno()), os.path.dirname(__file__)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                env={"LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        return self

    @property
    def process_id(self) -> int:
        """The id of its process."""
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        # Hanging up ends the keeper, and a sandbox that still runs with it.
        self._socket.close()
        try:
            self._process.wait(_SET_UP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._errors.close()

    def start(self, request: Mapping[str, Any]) -> tuple[int | None, int]:
        """Have the sandbox prepared. Returns its user (None: ourselves) and the open folder of what it can write."""
        try:
            messages.send(self._socket.fileno(), dict(request))
            user = self._answer(_SET_UP_SECONDS)["user"]
            _, descriptors, _, _ = socket.recv_fds(self._socket, 1, 1)
        except OSError as error:
            raise self._lost(error) from error
        if not descriptors:
            raise self._lost("no folder was sent")
        return user, descriptors[0]

    def finish(self, wall_seconds: float) -> dict[str, Any]:
        """Have it run, and wait for its end."""
        try:
            messages.send(self._socket.fileno(), {})
            return self._answer(wall_seconds + _SET_UP_SECONDS)
        except OSError as error:
            raise self._lost(error) from error

    def _answer(self, seconds: float) -> dict[str, Any]:
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            raise TimeoutError("it did not answer")
        answer = messages.receive(self._socket.fileno())
        if answer is None:
            raise ConnectionError("it ended early")
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer

    def _lost(self, why: object) -> SandboxError:
        self._errors.seek(0)
        said = self._errors.read(65536).decode("utf-8", "replace").strip().splitlines()
        return SandboxError(f"the sandbox's keeper was lost: {said[-1] if said else why}")
