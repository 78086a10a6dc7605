"""MLflow's server, as learners start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.learner_clone import COMMANDS

PATIENCE = 90
"""Seconds until a server has to answer."""


@pytest.fixture
def served() -> Iterator[Callable[[str, Path], str]]:
    """Start MLflow's pages or server in a folder, by a command of the README, until the test ends; its address."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(command: str, folder: Path) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert "--port 5000" in command
        command = f"exec {command.strip().replace('--port 5000', f'--port {port}')} --workers 1 > server.log 2>&1"
        variables = {**os.environ, "PATH": os.pathsep.join((COMMANDS, os.environ["PATH"]))}
        server = subprocess.Popen(["sh", "-c", command], cwd=folder, env=variables, start_new_session=True)
        servers.append(server)
        for _ in range(PATIENCE * 5):
            assert server.poll() is None, (folder / "server.log").read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    return f"http://127.0.0.1:{port}"
            except OSError:
                time.sleep(0.2)
        raise AssertionError((folder / "server.log").read_text())

    yield start
    for server in servers:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
