"""A small repository with every kind of object, made by Git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def git() -> Callable[..., bytes]:
    """What Git prints."""

    def run(folder: Path, *arguments: str, data: bytes | None = None) -> bytes:
        done = subprocess.run(["git", *arguments], cwd=folder, input=data, check=True, capture_output=True)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def repository(git: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty commits of a file that grows, two branches, an annotated tag and a plain one."""
    folder: Path = tmp_path_factory.mktemp("repository")
    git(folder, "init", "--quiet", "--initial-branch=solution/ada")
    (folder / "inner").mkdir()
    for number in range(20):
        (folder / "inner/growing.txt").write_text("".join(f"line {line}\n" for line in range(40 * number)))
        (folder / f"{number}.txt").write_text(f"{number}\n")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", f"Change {number}")
    git(folder, "tag", "--annotate", "v1", "--message", "One", "HEAD~3")
    git(folder, "tag", "v2")
    git(folder, "branch", "other", "HEAD~5")
    git(folder, "repack", "-adfq", "--depth=20")
    return folder
