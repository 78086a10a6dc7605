"""A Docker engine for the tests, with the base image that task 3.1 builds on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.engines import base_image

PLACE = Path("/var/tmp/mlsd-docker")
SOCKET = f"unix://{PLACE}/docker.sock"
_READY_SECONDS = 40
_PULL_SECONDS = 300


def start() -> dict[str, str]:
    """Start an engine where none answers; the variables by which it is found.

    Without root or without `dockerd` nothing is started, and what needs an engine says so.
    """
    if _answers(None):
        _need_base(None)
        return {}
    if not _answers(SOCKET):
        if os.geteuid() != 0 or shutil.which("dockerd") is None:
            return {}
        _start_daemon()
    _need_base(SOCKET)
    return {"DOCKER_HOST": SOCKET}


def stop() -> None:
    """Stop the engine that `start` started. Its images stay, so that the next start is quick."""
    try:
        pid = int((PLACE / "pid").read_text())
        if b"dockerd" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return
    for _ in range(_READY_SECONDS * 10):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)


def _start_daemon() -> None:
    PLACE.mkdir(mode=0o700, exist_ok=True)
    with (PLACE / "log").open("ab") as log:
        subprocess.Popen(
            [
                "dockerd", "--data-root", PLACE / "root", "--exec-root", PLACE / "exec", "--host", SOCKET,
                "--pidfile", PLACE / "pid",
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    for _ in range(_READY_SECONDS * 5):
        if _answers(SOCKET):
            return
        time.sleep(0.2)
    tail = (PLACE / "log").read_text(errors="replace").splitlines()[-5:]
    raise SystemExit("dockerd does not answer:\n" + "\n".join(tail))


def _docker(host: str | None) -> list[str]:
    return ["docker"] if host is None else ["docker", "--host", host]


def _answers(host: str | None) -> bool:
    try:
        done = subprocess.run([*_docker(host), "version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _need_base(host: str | None) -> None:
    """Have the base image: the official one where a registry can be reached, else one made of this machine."""
    docker = _docker(host)
    if subprocess.run([*docker, "image", "inspect", base_image.NAME], capture_output=True, check=False).returncode == 0:
        return
    try:
        pulled = subprocess.run(
            [*docker, "pull", "--quiet", base_image.NAME], capture_output=True, timeout=_PULL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        pulled = None
    if (pulled is None or pulled.returncode) and base_image.can_be_built():
        base_image.build(docker)
