"""The task that these tests are about, and a Python that starts at once for its scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.course.course import Course
from checks.course.task import Task
from tests.dvc_at_hand import CLIENT


@pytest.fixture(scope="session")
def task(course: Course) -> Task:
    """Task 1.2."""
    return course.task("1.2")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory, tools: str) -> Iterator[str]:
    """The folder with a `dvc` that starts at once, and a `python` beside it. Without `fork`, an empty one."""
    if not hasattr(os, "fork"):
        yield tools
        return
    server = Path(__file__).with_name("python_at_hand.py")
    folder = tmp_path_factory.mktemp("python")
    (folder / "dvc").symlink_to(Path(tools, "dvc"))
    with tempfile.TemporaryDirectory(prefix="python-") as short:  # a socket's name has at most 107 bytes
        where = f"{short}/socket"
        client = folder / "python"
        client.write_text(CLIENT.format(python=sys.executable, socket=where))
        client.chmod(0o755)
        with subprocess.Popen([sys.executable, str(server), where], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield str(folder)
            process.terminate()
