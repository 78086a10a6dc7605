"""Real environments and locks, made by conda and conda-lock from the channel of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ENVIRONMENT = """name: small
channels:
  - conda-forge
dependencies:
  - python=3.11
  - joblib=1.4.2
  - tabulate
"""


@dataclass(frozen=True)
class Made:
    """A folder with `environment.yml`, `conda-lock.yml` and the environment `env`. Read only."""

    root: Path

    def conda(self, *arguments: str) -> str:
        """What `conda` prints."""
        command = ["conda", *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One environment and its lock."""
    if shutil.which("conda") is None or shutil.which("conda-lock") is None:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail("there is no conda")
        pytest.skip("there is no conda: make engines")
    root = tmp_path_factory.mktemp("conda")
    (root / "environment.yml").write_text(ENVIRONMENT)
    lock = ["conda-lock", "lock", "--file", "environment.yml", "-p", "linux-64", "-p", "osx-arm64"]
    create = ["conda", "env", "create", "--quiet", "--file", "environment.yml", "--prefix", "./env"]
    for command in (lock, create):
        subprocess.run(command, cwd=root, capture_output=True, check=True)
    return Made(root)
