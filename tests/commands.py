"""Commands as a person types them: `git`, and `mlsd` in this process."""

from __future__ import annotations

import subprocess
from pathlib import Path

from typer.testing import CliRunner, Result

from checks.cli.main import app


def git(folder: Path, *words: str) -> str:
    """What `git` prints in this folder."""
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def mlsd(*words: str, typed: str = "") -> Result:
    """How `mlsd` ended, and what it printed; `typed` answers its questions."""
    return CliRunner().invoke(app, list(words), input=typed)
