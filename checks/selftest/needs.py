"""What building a task's submissions needs of this machine beyond the set-up: a Docker engine, conda."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.task import Task


def missing_tool(task: Task) -> str | None:
    """Why the solution of this task can't be built here, or None."""
    if "docker" in task.tools and not _engine_answers():
        return "no Docker engine answers: start Docker Desktop or dockerd (Debian, for tests: make engines)"
    if "conda" in task.tools and shutil.which("conda") is None:
        return "there is no command `conda`: install Miniforge (Debian, for tests: make engines)"
    return None


def builders(task: Task) -> int:
    """How many submissions of this task may be built at once: an image's name is one for the whole engine."""
    return 1 if "docker" in task.tools else os.cpu_count() or 1


def _engine_answers() -> bool:
    try:
        done = subprocess.run(["docker", "version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
