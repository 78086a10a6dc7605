"""The namespaces and mounts of a sandbox.

* A tmpfs of limited size at `BOX` holds everything that the sandboxed process can write. It belongs to the keeper's
  mount namespace, so it outlives bubblewrap, and its open folder is sent to the caller, who copies files in and out.
* As root: bubblewrap is started as a user of its own who owns nothing. What that user reads is bound to places that
  it can reach, because an interpreter below root's home is otherwise out of its sight.
"""

from __future__ import annotations

import ctypes
import os
import stat

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
_FIRST_USER = 0x70000000
"""User ids from here on are given to nobody: systemd's containers end just below."""


def enter_namespaces() -> int | None:
    """Enter new namespaces. As root, returns the id of the user that the sandbox is to run as."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0:
        check(libc.unshare(_CLONE_NEWNS | _CLONE_NEWPID), "unshare")
    else:
        check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
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


def mount(sources: list[str], made: dict[str, str], size: int, files: int, user: int | None) -> None:
    """Mount the box of at most so many bytes and files for `user`, and what it reads: our sources, and files we make."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Opened before the stage covers /tmp, where some of them may be, and inside the new mount namespace,
    # because the kernel binds only what belongs to it.
    opened = [(path, os.open(path, os.O_PATH | os.O_NOFOLLOW)) for path in sources]

    def tmpfs(place: str, options: str) -> None:
        flags = _MS_NOSUID | _MS_NODEV
        check(libc.mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode()), f"mount {place}")

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
        check(bound, path)
    for name, text in made.items():
        with open(f"{MADE}/{name}", "w") as file:
            file.write(text)
        os.chmod(f"{MADE}/{name}", 0o644)


def check(result: int, what: str) -> None:
    """Raise OSError where a call of libc did not succeed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
