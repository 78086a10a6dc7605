"""`start`, `reset` and `doctor` as a learner meets them; more in `tests/learner`."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from checks.cli.tools import unfit
from checks.rebuild.sandbox import SandboxUnavailable

TASK = "1_model_versioning/task1_intro_to_dvc"


@pytest.fixture
def inside(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A started clone that is the current folder."""
    monkeypatch.chdir(fresh)
    return fresh


def test_start_alone_takes_the_first_unfinished_task(mlsd, inside: Path) -> None:
    call = mlsd("start")
    assert call.code == 0
    assert "Task 1.1 Intro to DVC" in call.out
    assert f"cd {TASK}" in call.out


def test_reset_asks_and_a_no_changes_nothing(mlsd, inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    (inside / TASK / "mine.txt").write_text("mine")
    call = mlsd("reset", "1.1")
    assert call.code == 130
    assert (inside / TASK / "mine.txt").exists()


def test_reset_of_a_task_without_work_makes_no_backup(mlsd, inside: Path) -> None:
    call = mlsd("reset", "2.1")
    assert call.code == 0
    assert "there was nothing to keep" in call.out
    assert (inside / "2_experiment_tracking/task1_intro_to_mlflow/track.py").is_file()
    assert not (inside / ".mlsd").exists()


def test_what_reset_says_is_so(mlsd, inside: Path) -> None:
    folder = inside / TASK
    (folder / "mine.txt").write_text("mine")
    for words in (["add", "."], ["commit", "--quiet", "--message", "Mine"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    told = mlsd("reset", "1.1", "--yes").out.splitlines()
    backup = inside / told[told.index("Your files are kept. Move back what you need from:") + 1].strip()
    assert (backup / "mine.txt").read_text() == "mine"
    assert not (folder / "mine.txt").exists()
    (command,) = (line.partition("in the task folder: ")[2] for line in told if "in the task folder: " in line)
    subprocess.run(command, shell=True, cwd=folder, check=True)
    assert (folder / "mine.txt").read_text() == "mine"


def test_doctor_names_each_tool_and_what_goes_without_it(mlsd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.rebuild.bubblewrap.unavailable", lambda: "bubblewrap is not installed")
    no_engine = SandboxUnavailable("no Docker engine answers", "start Docker")
    monkeypatch.setattr("checks.rebuild.container.unavailable", lambda: no_engine)
    call = mlsd("doctor")
    assert call.code == 0
    missing = ("? missing", "bubblewrap is not installed", "apt-get install bubblewrap")
    for words in ("python", "git", "dvc", "mlflow", "docker", "conda", *missing):
        assert words in call.out


def test_doctor_says_what_is_too_old_and_how_to_mend_it(mlsd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of another age, found first on the PATH."""
    for name, answer in {"git": "git version 2.20.1", "conda": "conda 4.12.0", "docker": ""}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n[ '{answer}' ] && echo '{answer}'\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    lines = mlsd("doctor").out.splitlines()
    told = [line.split()[3] for line in lines if "too old" in line]
    assert "✗ too old  git          2.20.1: 2.23 or newer is needed: `git restore` is new in it" in lines
    assert "? too old  conda        4.12.0: 23.10 or newer is needed" in "\n".join(lines)
    assert told == ["git", "conda"]
    engine = next(place for place, line in enumerate(lines) if "docker" in line and "missing" in line)
    assert "docker" in lines[engine + 1].partition("to mend it: ")[2].lower()


@pytest.mark.parametrize(
    ("version", "told"), [("3.67.1", None), ("3.59.2", "too old"), ("4.0.0", "too new"), ("4.1rc1", "too new")]
)
def test_a_package_can_be_too_new_as_well(version: str, told: str | None) -> None:
    assert unfit(version, SpecifierSet(">=3.60,<4")) == told
