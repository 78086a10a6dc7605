"""The keeper's program. `checks.rebuild.bubblewrap` is its only caller.

Bubblewrap is process 1 of a process namespace of ours. The kernel lets process 1 be waited for only after every other
process of its namespace is gone, so that once it has ended, nothing is left that could write.
"""

from __future__ import annotations

import _socket
import ctypes
import os
import resource
import sys
import time

from .messages import receive, send
from .mounts import BOX, check, enter_namespaces, mount
from .watch import watch

TYPE_CHECKING = False  # `typing` itself takes long
if TYPE_CHECKING:
    from typing import Any

_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL, _SIGPIPE, _SIGXFSZ = 9, 13, 25


def main() -> None:
    """Serve one run for the caller at the other end of the socket whose number is our argument."""
    os.umask(0o022)  # the user of the sandbox is to reach what we make
    caller = int(sys.argv[1])
    os.set_inheritable(caller, False)
    request = receive(caller)
    if request is None:
        return
    try:
        user = enter_namespaces()
        mount(request["sources"], request["made"], request["disk_bytes"], request["disk_files"], user)
    except OSError as error:
        send(caller, {"error": f"{error.strerror or error} ({error.filename or 'sandbox set-up'})"})
        return
    send(caller, {"user": user})
    box = os.open(BOX, os.O_RDONLY | os.O_DIRECTORY)
    sending = _socket.socket(fileno=caller)
    sending.sendmsg([b"b"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, box.to_bytes(4, sys.byteorder))])
    if receive(caller) is None:
        return
    try:
        answer = _run(request, user, caller)
    except OSError as error:
        answer = {"error": f"bubblewrap did not start: {error}"}
    send(caller, answer)
    # The box stays mounted until the caller has copied its results and hangs up.
    receive(caller)


class _Child:
    """A child of ours, as `subprocess` would have it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self) -> int:
        code = self._wait(0)
        assert code is not None  # noqa: S101 - for the types: it has ended
        return code

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _run(request: dict[str, Any], user: int | None, lifeline: int) -> dict[str, Any]:
    libc = ctypes.CDLL(None, use_errno=True)

    def confine() -> None:
        """In the child, before bubblewrap."""
        # The machine's own killer, should memory run out, is to take this tree and not the grader.
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        for name, value in request["limits"].items():
            resource.setrlimit(getattr(resource, name), (value, value))
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")

    def spent() -> float:
        """Seconds of processor time of the control group, this keeper's few included."""
        with open(request["cpu_usage"]) as file:
            first = file.readline().split()
        return int(first[0]) / 1e9 if len(first) == 1 else int(first[1]) / 1e6

    output, writing = os.pipe()
    status, reporting = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    argv = [part.replace("{status}", str(reporting)) for part in request["bwrap"]] + request["argv"]
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            for number, stream in enumerate((nothing, writing, writing)):
                os.dup2(stream, number)
            os.set_inheritable(reporting, True)
            # Python ignores these two, and what it starts would ignore them too.
            libc.signal(_SIGPIPE, None)
            libc.signal(_SIGXFSZ, None)
            os.chdir("/")
            confine()
            os.execve(argv[0], argv, {})  # noqa: S606 - there is no shell in between
        except BaseException as error:  # noqa: BLE001 - whatever it was, this process goes no further
            os.write(2, f"bubblewrap did not start: {error}".encode())
        finally:
            os._exit(127)
    process = _Child(pid)
    for number in (writing, reporting, nothing):
        os.close(number)
    ended, taken = watch(
        process,
        output,
        seconds=request["wall_seconds"],
        limit=request["output_bytes"],
        kill=lambda: _kill(process),
        lifeline=lifeline,
        spent=spent if request["cpu_usage"] else None,
        cpu_seconds=request["limits"]["RLIMIT_CPU"],
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "ended": ended,
        "seconds": time.monotonic() - began,
        "cpu_seconds": spent() if request["cpu_usage"] else used.ru_utime + used.ru_stime,
        "returned": process.returncode,
        "exit": _exit_code(status),
        "output": taken,
    }


def _kill(process: _Child) -> None:
    if process.returncode is None:
        os.kill(process.pid, _SIGKILL)


def _exit_code(status: int) -> int | None:
    """The exit code of the command as bubblewrap reports it: none unless the command was really started and ended."""
    with open(status, "rb") as file:
        _, named, rest = file.read().rpartition(b'"exit-code":')
    return int(rest.partition(b"}")[0].partition(b",")[0]) if named else None


def run() -> None:
    """Be the keeper, and end at once: Python's own tidying up would take longer than bubblewrap."""
    code = 1
    try:
        main()
        code = 0
    except BaseException as error:  # noqa: BLE001 - the caller shows it
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)
