"""The process that keeps one sandbox: it makes private mounts, starts bubblewrap, watches it and ends it.

It runs as a program of its own, because a process with threads cannot enter new namespaces. Starting Python is most of
what a sandbox costs, so it imports little: `json`, `socket` and `subprocess` would take more than all the rest.
`checks.rebuild.bubblewrap` is its only caller. What it adds to bubblewrap:

* A tmpfs of limited size at `BOX` holds everything that the sandboxed process can write. It belongs to the keeper's
  mount namespace, so it outlives bubblewrap, and its open folder is sent to the caller, who copies files in and out.
* Bubblewrap is process 1 of a process namespace of ours. The kernel lets process 1 be waited for only after every
  other process of its namespace is gone, so that once it has ended, nothing is left that could write.
* As root: bubblewrap is started as a user of its own who owns nothing. What that user reads is bound to places that
  it can reach, because an interpreter below root's home is otherwise out of its sight.
"""

from __future__ import annotations

import _socket
import ctypes
import marshal
import os
import resource
import select
import stat
import sys
import time

TYPE_CHECKING = False  # `typing` itself takes long
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Protocol

    class Process(Protocol):
        """What is asked of a child: `subprocess.Popen` has it too."""

        @property
        def pid(self) -> int:
            """Its id."""

        def poll(self) -> int | None:
            """Its exit code, or None while it runs."""

        def wait(self) -> int:
            """Its exit code, once it has ended."""


STAGE = "/tmp"
"""Where the keeper's mounts are: a folder that every system has and every user can reach.

They cover it in the keeper's own mount namespace only.
"""
BOX = f"{STAGE}/box"
"""The tmpfs of limited size; `work`, `home`, `tmp` and `shm` in it are what the sandboxed process may write."""
BOX_FOLDERS = ("work", "home", "tmp", "shm")
SOURCES = f"{STAGE}/sources"
"""The read-only sources, by number: `SOURCES/0`, `SOURCES/1`, ..."""
MADE = f"{STAGE}/made"
"""Files of `/etc` that we make up."""

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL, _SIGPIPE, _SIGXFSZ = 9, 13, 25
_LENGTH = 8
"""How many bytes tell the length of a message."""
_FIRST_USER = 0x70000000
"""User ids from here on are given to nobody: systemd's containers end just below."""
_CHUNK = 65536
_GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.05
"""How often we look at what nothing wakes us for."""


def watch(  # noqa: C901, PLR0912 - one loop, one way out for each way to end
    process: Process,
    output: int,
    *,
    seconds: float,
    limit: int,
    kill: Callable[[], None],
    lifeline: int | None = None,
    spent: Callable[[], float] | None = None,
    cpu_seconds: float = float("inf"),
) -> tuple[Literal["exited", "timeout", "cpu", "output", "abandoned"], bytes]:
    """Read the pipe `output` until `process` ends, or kill it. Returns how it ended and `limit` bytes at most.

    It ended as `exited`, `timeout` (after `seconds`), `cpu` (`spent` told more than `cpu_seconds`), `output` (it wrote
    more than `limit`) or `abandoned` (the caller at the other end of `lifeline` is gone). Who still holds the pipe afterwards is not waited for.
    """
    ended: Literal["exited", "timeout", "cpu", "output", "abandoned"] = "exited"
    look_again = _LOOK_SECONDS if spent or not hasattr(os, "pidfd_open") else float("inf")
    taken = bytearray()
    deadline = time.monotonic() + seconds
    os.set_blocking(output, False)
    # Only Linux has descriptors of processes. Elsewhere, where `Unconfined` alone works, we look again and again.
    descriptor = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
    try:
        poll = select.poll()
        for readable in (output, descriptor, lifeline):
            if readable is not None:
                poll.register(readable, select.POLLIN)
        running = True
        while running:
            left = deadline - time.monotonic()
            ready = {number for number, _ in poll.poll(1000 * min(left, look_again) + 1)} if left > 0 else set()
            if descriptor in ready or (descriptor is None and process.poll() is not None):
                running = False
            elif left <= 0:
                ended, running = "timeout", False
            elif spent and spent() > cpu_seconds:
                ended, running = "cpu", False
            elif lifeline in ready:
                ended, running = "abandoned", False
            elif output in ready and not _take(output, taken, limit):
                poll.unregister(output)
            if len(taken) > limit:
                ended, running = "output", False
    finally:
        if descriptor is not None:
            os.close(descriptor)
        kill()
        process.wait()
    until = time.monotonic() + _GRACE_SECONDS
    while len(taken) <= limit and time.monotonic() < until and _take(output, taken, limit):
        pass
    if len(taken) > limit and ended == "exited":
        ended = "output"
    return ended, bytes(taken[:limit])


def _take(output: int, taken: bytearray, limit: int) -> bool:
    """Move what the pipe holds to `taken`, one byte past `limit` at most. False where it holds nothing."""
    try:
        chunk = os.read(output, min(_CHUNK, limit + 1 - len(taken)))
    except BlockingIOError:
        return False
    taken += chunk
    return bool(chunk)


def main() -> None:
    """Serve one run for the caller at the other end of the socket whose number is our argument."""
    os.umask(0o022)  # the user of the sandbox is to reach what we make
    caller = int(sys.argv[1])
    os.set_inheritable(caller, False)
    request = receive(caller)
    if request is None:
        return
    try:
        user = _enter_namespaces()
        _mount(request["sources"], request["made"], request["disk_bytes"], request["disk_files"], user)
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


def send(to: int, message: dict[str, Any]) -> None:
    """Send a message through the socket `to`. Both ends are of one program, and run the same Python."""
    data = marshal.dumps(message)
    left = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while left:
        left = left[os.write(to, left) :]


def receive(source: int) -> dict[str, Any] | None:
    """The next message from the socket `source`; None where the other end hung up."""
    length = _exactly(source, _LENGTH)
    data = _exactly(source, int.from_bytes(length, "big")) if length else None
    return marshal.loads(data) if data else None  # noqa: S302 - of our own other end


def _exactly(source: int, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        chunk = os.read(source, min(_CHUNK, length - len(received)))
        if not chunk:
            return None
        received += chunk
    return bytes(received)


def _enter_namespaces() -> int | None:
    """Enter new namespaces. As root, returns the id of the user that the sandbox is to run as."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0:
        _check(libc.unshare(_CLONE_NEWNS | _CLONE_NEWPID), "unshare")
    else:
        _check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    if user != 0:
        return None
    # RLIMIT_NPROC counts by user, so each run has its own. No two live processes share a process id.
    free = _FIRST_USER + os.getpid()
    with open("/proc/self/uid_map") as file:
        mapped = [(int(first), int(count)) for first, _, count in (line.split() for line in file)]
    if not any(first <= free < first + count for first, count in mapped):
        # Root of a container that was given few users: a shared one only makes the count of processes stricter.
        free = 61_000 + os.getpid() % 4_000
    return free


def _mount(sources: list[str], made: dict[str, str], size: int, files: int, user: int | None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # Opened before the stage covers /tmp, where some of them may be, and inside the new mount namespace,
    # because the kernel binds only what belongs to it.
    opened = [(path, os.open(path, os.O_PATH | os.O_NOFOLLOW)) for path in sources]

    def tmpfs(place: str, options: str) -> None:
        flags = _MS_NOSUID | _MS_NODEV
        _check(libc.mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode()), f"mount {place}")

    tmpfs(STAGE, "size=1m,nr_inodes=200,mode=0755")
    for place in (BOX, SOURCES, MADE):
        os.mkdir(place, 0o755)
    tmpfs(BOX, f"size={size},nr_inodes={files + len(BOX_FOLDERS) + 1},mode=0755")
    for name in BOX_FOLDERS:
        os.mkdir(f"{BOX}/{name}", 0o755)
        if user is not None:
            os.chown(f"{BOX}/{name}", user, user)
    for number, (path, descriptor) in enumerate(opened):
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise NotADirectoryError(0, "not a folder", path)
        place = f"{SOURCES}/{number}"
        os.mkdir(place, 0o755)
        # Recursive, because a user's own namespace may not lift what is mounted below. bwrap makes it read-only.
        bound = libc.mount(f"/proc/self/fd/{descriptor}".encode(), place.encode(), None, _MS_BIND | _MS_REC, None)
        _check(bound, path)
    for name, text in made.items():
        with open(f"{MADE}/{name}", "w") as file:
            file.write(text)
        os.chmod(f"{MADE}/{name}", 0o644)


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
        _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")

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


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def program() -> None:
    """Be the keeper, and end at once: Python's own tidying up would take longer than bubblewrap."""
    code = 1
    try:
        main()
        code = 0
    except BaseException as error:  # noqa: BLE001 - the caller shows it
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)
