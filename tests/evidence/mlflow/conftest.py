"""Stores that MLflow really made: by the installed MLflow once a session, by MLflow 2 kept as text, and a real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from checks.evidence.files import Files
from checks.evidence.mlflow.find import find
from checks.evidence.mlflow.tracking import Tracking

STORES = Path(__file__).parent / "stores"
KEPT = ("mlflow_2_22", "mlflow_2_22_files")
QUIET = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # A server in one process, without those for jobs, answers as well and starts sooner.
    "MLFLOW_WORKERS": "1",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
TASK = "2_course/task"


def read(root: Path, task: str = "", **environment: str) -> Tracking:
    return find(Files(root), task, environment)


def run_script(script: str, *arguments: str, cwd: Path) -> str:
    command = [sys.executable, str(STORES / script), *arguments]
    done = subprocess.run(command, cwd=cwd, env=os.environ | QUIET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@dataclass(frozen=True)
class Made:
    """A folder with a store, and what MLflow's client said of it."""

    folder: Path
    client: dict[str, Any]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """Stores by the address that they were made with, each once for all processes."""

    def _made(uri: str) -> Made:
        base = tmp_path_factory.getbasetemp()
        shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
        folder = shared / f"store-{uri.partition(':')[0].strip('./')}"
        answer = folder / "client.json"
        with FileLock(f"{folder}.lock"):
            if not answer.exists():
                shutil.rmtree(folder, ignore_errors=True)
                (folder / TASK).mkdir(parents=True)
                run_script("work.py", uri, cwd=folder / TASK)
                answer.write_text(run_script("oracle.py", uri, cwd=folder / TASK))
        return Made(folder, json.loads(answer.read_text()))

    return _made


@pytest.fixture(scope="session")
def sqlite_store(made: Callable[[str], Made]) -> Made:
    """The default of the installed MLflow."""
    return made("sqlite:///mlflow.db")


@pytest.fixture(scope="session")
def file_store(made: Callable[[str], Made]) -> Made:
    """A store in files, by the installed MLflow."""
    return made("./mlruns")


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str], Made]:
    """A store of MLflow 2, laid out again from its text in a task folder."""

    def _kept(name: str) -> Made:
        text = json.loads((STORES / f"{name}.json").read_text())
        folder = tmp_path / "clone"
        for path, content in text["files"].items():
            at = folder / TASK / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(content)
        if text["sql"]:
            with closing(sqlite3.connect(folder / TASK / "mlflow.db")) as connection:
                connection.executescript(";\n".join(text["sql"]))
                connection.commit()
        return Made(folder, text["client"])

    return _kept


@pytest.fixture
def database(kept: Callable[[str], Made]) -> Callable[..., Path]:
    """The root of a clone whose SQLite store was changed by some SQL."""

    def _changed(*statements: str) -> Path:
        made = kept("mlflow_2_22")
        with closing(sqlite3.connect(made.folder / TASK / "mlflow.db")) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return made.folder

    return _changed


@dataclass(frozen=True)
class RunningServer:
    """A real `mlflow server`, its address and the folder that it runs in."""

    address: str
    folder: Path


@pytest.fixture(scope="session")
def server(sqlite_store: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A real tracking server on a copy of the store, with one run more that was logged through it."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(sqlite_store.folder / TASK / "mlflow.db", folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "./mlartifacts"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | QUIET, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, folder / "log")
        run_script("through_server.py", address, cwd=folder)
        yield RunningServer(address, folder)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()[-2_000:]}")
