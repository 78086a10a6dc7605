"""The process that supervises one run in bubblewrap: it makes private mounts, starts bubblewrap, watches and ends it.

It is a process of its own, because one with threads cannot enter new namespaces. `checks.rebuild.bubblewrap` starts it,
with Python's own library alone, and is its only caller.

* A tmpfs of limited size at `BOX` holds everything that the sandboxed process can write. It belongs to the
  supervisor's mount namespace, so it outlives bubblewrap, and files are copied into it before and out of it after.
* As root: bubblewrap is started as a user of its own who owns nothing. What that user reads is bound to places that
  it can reach, because an interpreter below root's home is otherwise out of its sight.
* Bubblewrap is process 1 of a process namespace of ours. The kernel lets process 1 be waited for only after every
  other process of its namespace is gone, so that once it has ended, nothing is left that could write.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from checks.rebuild.cgroup import ControlGroup, control_group
from checks.rebuild.limits import Limits
from checks.rebuild.process import watch
from checks.rebuild.sandbox import Command, Run, SandboxError
from checks.rebuild.tree import Budget, TooLarge, copy_below, copy_results, empty_folder, parts

STAGE = "/tmp"
"""Where the supervisor's mounts are: a folder that every system has and every user can reach.

They cover it in the supervisor's own mount namespace only.
"""
BOX = f"{STAGE}/box"
"""The tmpfs of limited size; `work`, `home`, `tmp` and `shm` in it are what the sandboxed process may write."""
BOX_FOLDERS = ("work", "home", "tmp", "shm")
SOURCES = f"{STAGE}/sources"
"""The read-only sources, by number: `SOURCES/0`, `SOURCES/1`, ..."""
MADE = f"{STAGE}/made"
"""Files of `/etc` that we make up."""
STATUS = "{status}"
"""Stands in bubblewrap's options for the number of the pipe on which it reports."""

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_PR_SET_NO_NEW_PRIVS = 38
_FIRST_USER = 0x70000000
"""User ids from here on are given to nobody: systemd's containers end just below."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command, and how bubblewrap is to be called for it."""

    command: Command
    bubblewrap: Sequence[str]
    """Bubblewrap with its options, before the command."""
    sources: Sequence[str]
    made: Mapping[str, str]


def serve() -> None:
    """Read a request from standard input, and write the run, or what kept it from being one, to standard output.

    The run ends when nobody holds the other end of the pipe whose number is the last argument.
    """
    os.umask(0o022)  # the user of the sandbox is to reach what we make
    answer: Run | Exception
    try:
        request = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own caller
        answer = _supervise(request, int(sys.argv[-1]))
    except (SandboxError, TooLarge, ValueError) as error:
        answer = error
    except OSError as error:
        answer = SandboxError(f"{error.strerror or error} ({error.filename or 'sandbox set-up'})")
    sys.stdout.buffer.write(pickle.dumps(answer))


def _supervise(request: Request, lifeline: int) -> Run:
    command, limits = request.command, request.command.limits
    user = _enter_namespaces()
    with ExitStack() as stack:
        # Opened before the stage covers /tmp, where they may be.
        work, out = (stack.enter_context(_opened(path)) for path in (command.work, command.out or command.work))
        _mount(request, user)
        box = Path(BOX, "work")
        _fill(box, work, command, user)
        with control_group(limits.tree_bytes) as group:
            run = _run(request, user, group, lifeline)
        try:
            copy_results(box, command.results, out, budget=Budget.of(limits))
        except TooLarge:
            return replace(run, ended="results")
        except OSError as error:
            raise SandboxError(f"results could not be copied to {command.out}: {error.strerror}") from error
    return run


@contextmanager
def _opened(path: Path) -> Iterator[Path]:
    """A path to a folder that stays, whatever covers the one it has."""
    descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _enter_namespaces() -> int | None:
    """Enter new namespaces. As root, returns the id of the user that the sandbox is to run as."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0:
        _check(libc.unshare(_CLONE_NEWNS | _CLONE_NEWPID), "unshare")
    else:
        _check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text)
    _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    if user != 0:
        return None
    # RLIMIT_NPROC counts by user, so each run has its own. No two live processes share a process id.
    free = _FIRST_USER + os.getpid()
    maps = [[int(number) for number in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    if not any(first <= free < first + count for first, _, count in maps):
        # Root of a container that was given few users: a shared one only makes the count of processes stricter.
        free = 61_000 + os.getpid() % 4_000
    return free


def _mount(request: Request, user: int | None) -> None:
    """Mount the box for `user`, and what it reads: our sources, and files that we make."""
    libc, limits = ctypes.CDLL(None, use_errno=True), request.command.limits
    # Opened before the stage covers /tmp, where some of them may be, and inside the new mount namespace,
    # because the kernel binds only what belongs to it.
    opened = [os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY) for path in request.sources]

    def tmpfs(place: str, options: str) -> None:
        flags = _MS_NOSUID | _MS_NODEV
        _check(libc.mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode()), f"mount {place}")

    tmpfs(STAGE, "size=1m,nr_inodes=200,mode=0755")
    for place in (BOX, SOURCES, MADE):
        os.mkdir(place, 0o755)
    tmpfs(BOX, f"size={limits.disk_bytes},nr_inodes={limits.disk_files + len(BOX_FOLDERS) + 1},mode=0755")
    for name in BOX_FOLDERS:
        os.mkdir(f"{BOX}/{name}", 0o755)
        if user is not None:
            os.chown(f"{BOX}/{name}", user, user)
    for number, (path, descriptor) in enumerate(zip(request.sources, opened, strict=True)):
        place = f"{SOURCES}/{number}"
        os.mkdir(place, 0o755)
        # Recursive, because a user's own namespace may not lift what is mounted below. bwrap makes it read-only.
        bound = libc.mount(f"/proc/self/fd/{descriptor}".encode(), place.encode(), None, _MS_BIND | _MS_REC, None)
        _check(bound, path)
        os.close(descriptor)
    for name, text in request.made.items():
        Path(MADE, name).write_text(text)


def _fill(box: Path, work: Path, command: Command, owner: int | None) -> None:
    """Copy the work into the box, and make an empty folder at each place that a mount is to cover."""
    try:
        copy_below(work, box, budget=Budget.of(command.limits), links=True, owner=owner)
        for place in command.read_only.values():
            empty_folder(box, parts(place), owner=owner)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise TooLarge("more bytes or files than the limits allow") from error
        raise SandboxError(f"{error.filename or command.work} could not be copied: {error.strerror}") from error


def _run(request: Request, user: int | None, group: ControlGroup | None, lifeline: int) -> Run:
    command, limits = request.command, request.command.limits
    libc = ctypes.CDLL(None, use_errno=True)

    def confine() -> None:
        """In the child, before bubblewrap."""
        if group:
            group.join()
        # The machine's own killer, should memory run out, is to take this tree and not the grader.
        Path("/proc/self/oom_score_adj").write_text("1000")
        _limit(limits)
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")

    status, reporting = os.pipe()
    argv = [part.replace(STATUS, str(reporting)) for part in request.bubblewrap] + list(command.argv)
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={},
            cwd="/",
            pass_fds=[reporting],
            preexec_fn=confine,  # noqa: PLW1509 - this process has no threads
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"bubblewrap did not start: {error}") from error
    os.close(reporting)
    spent = group.seconds if group else None
    ended, output = watch(process, limits, kill=process.kill, spent=spent, lifeline=lifeline)
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = Run(tuple(command.argv), None, output, seconds, "exited", spent() if spent else used.ru_utime + used.ru_stime)
    with open(status, "rb") as file:
        code = _exit_code(file.read())
    if ended == "abandoned":
        raise SandboxError("nobody waits for this run any more")
    if group and group.out_of_memory():
        return replace(run, ended="memory")
    if ended == "exited" and code is None:
        # Bubblewrap ends by itself without reporting an exit code only where it did not come to start the command.
        if process.returncode >= 0:
            raise SandboxError(output.decode("utf-8", "replace").strip() or "bubblewrap failed without a word")
        return replace(run, ended="killed")
    return replace(run, ended=ended, exit_code=code if ended == "exited" else None)


def _limit(limits: Limits) -> None:
    """Limit this process, and each one that it starts."""
    for kind, value in {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }.items():
        resource.setrlimit(kind, (value, value))


def _exit_code(report: bytes) -> int | None:
    """The exit code of the command as bubblewrap reports it: none unless the command was really started and ended."""
    _, named, rest = report.rpartition(b'"exit-code":')
    return int(rest.partition(b"}")[0].partition(b",")[0]) if named else None


def _check(result: int, what: str) -> None:
    """Raise OSError where a call of libc did not succeed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
