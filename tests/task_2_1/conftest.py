"""Task 2.1 in the fixtures `begun`, `done` and `clone_at`, and MLflow's server as learners start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from checks.core.course import Course
from checks.core.task import Task
from tests.learner_clone import COMMANDS

PATIENCE = 90
"""Seconds until a server has to answer."""


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """The task that this folder's tests are about."""
    return course.task("2.1")


@contextmanager
def serving(command: str, folder: Path) -> Iterator[str]:
    """MLflow's pages or server, started in `folder` by a command of the README; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "--port 5000" in command
    command = f"exec {command.strip().replace('--port 5000', f'--port {port}')} --workers 1"
    path = os.pathsep.join((COMMANDS, os.environ["PATH"]))
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            ["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(PATIENCE * 5):
            assert server.poll() is None, (folder / "server.log").read_text()
            try:
                with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
                    assert answer.read() == b"OK"
                    break
            except OSError:
                time.sleep(0.2)
        else:
            raise AssertionError((folder / "server.log").read_text())
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        (folder / "server.log").unlink()


@pytest.fixture
def served() -> Iterator[Callable[[str, Path], str]]:
    """Start one of MLflow's servers until the test ends; its address."""
    with ExitStack() as stack:
        yield lambda command, folder: stack.enter_context(serving(command, folder))
