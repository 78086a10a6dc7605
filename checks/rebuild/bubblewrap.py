"""The sandbox of Linux: bubblewrap, supervised by a process of its own (`checks.rebuild.supervisor`).

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

import functools
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from checks.rebuild import supervisor
from checks.rebuild.sandbox import Command, Run, SandboxError, environment
from checks.rebuild.tree import TooLarge, parts

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
_START = (
    "import sys, types; checks = sys.modules['checks'] = types.ModuleType('checks'); checks.__path__ = [sys.argv[1]]; "
    "from checks.rebuild import supervisor; supervisor.serve()"
)
"""The supervisor sees the package `checks` without its words for authors, which would take longer than all the rest."""
_SET_UP_SECONDS = 60.0
"""How long the supervisor may take beside the run itself before we give it up."""


class Bubblewrap:
    """Runs a command inside bubblewrap. See `checks.rebuild.sandbox.Sandbox`; get one from `find_sandbox`."""

    def __str__(self) -> str:
        return "bubblewrap"

    def run(self, command: Command) -> Run:
        """See `Sandbox.run`."""
        places = [parts(place) for place in command.read_only.values()]
        inner = "/".join(parts(command.cwd))
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxError("bubblewrap (bwrap) is not installed")
        own = _own_folders()
        for source in command.read_only:
            _need_readable(source)
        # An interpreter may lie behind a link, as Homebrew's does. It appears where it says it is.
        sources = [*map(os.path.realpath, own), *(os.path.abspath(source) for source in command.read_only)]
        options = [program, *_options(own, places, inner, command.variables)]
        return _supervised(supervisor.Request(command, options, sources, _MADE))


def _supervised(request: supervisor.Request) -> Run:
    """Have the supervisor serve one request. It ends its run when we do, as nobody then holds the pipe."""
    reading, lifeline = os.pipe()
    seconds = request.command.limits.wall_seconds + _SET_UP_SECONDS
    try:
        done = subprocess.run(
            [sys.executable, "-ISB", "-c", _START, os.path.dirname(os.path.dirname(__file__)), str(reading)],
            input=pickle.dumps(request),
            capture_output=True,
            pass_fds=[reading],
            env={"LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
            timeout=seconds,
            check=False,
        )
        answer = pickle.loads(done.stdout)  # noqa: S301 - of our own process
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"the sandbox's supervisor was lost: {error}") from error
    except (EOFError, pickle.UnpicklingError):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it ended without an answer"]
        raise SandboxError(f"the sandbox's supervisor was lost: {said[-1]}") from None
    finally:
        os.close(reading)
        os.close(lifeline)
    if isinstance(answer, (SandboxError, TooLarge, ValueError)):
        raise answer
    assert isinstance(answer, Run)  # noqa: S101 - for the types
    return answer


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


def _own_folders() -> list[str]:
    """The interpreter and its packages, where they are not part of the system that is bound anyway."""
    wanted = dict.fromkeys(os.path.abspath(path) for path in (sys.base_prefix, sys.base_exec_prefix, sys.prefix))
    return [path for path in wanted if path != "/usr" and not path.startswith("/usr/")]


def _options(
    own: Sequence[str], places: Sequence[tuple[str, ...]], cwd: str, variables: Mapping[str, str]
) -> list[str]:
    options = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
    options += ["--clearenv", "--cap-drop", "ALL", "--hostname", "rebuild", "--json-status-fd", supervisor.STATUS]
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
        options += ["--ro-bind", f"{supervisor.MADE}/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/home"]
    # Bubblewrap's /dev is a tmpfs without a limit: only the /dev/shm from the box may be written.
    options += ["--bind", f"{supervisor.BOX}/shm", "/dev/shm", "--remount-ro", "/dev"]
    for name, place in (("tmp", "/tmp"), ("home", HOME), ("work", INSIDE)):
        options += ["--bind", f"{supervisor.BOX}/{name}", place]
    for number, path in enumerate([*own, *("/".join((INSIDE, *place)) for place in places)]):
        options += ["--ro-bind", f"{supervisor.SOURCES}/{number}", path]
    for name, value in environment(variables, home=HOME, temporary="/tmp").items():
        options += ["--setenv", name, value]
    return [*options, "--chdir", f"{INSIDE}/{cwd}", "--remount-ro", "/", "--"]


def _need_readable(source: Path) -> None:
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
