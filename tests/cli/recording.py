"""Write down what `mlsd watch` shows, for the picture in the README: python -m tests.cli.recording

Beside it stands what a learner does meanwhile. It writes images/watch.txt; `python images/draw.py` then draws it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.core.course import load_course
from checks.selftest.build import begin
from tests.learner_clone import COMMANDS
from tests.pseudo_terminal import terminal
from tests.words.pages import ROOT

RECORDING = ROOT / "images/watch.txt"
MLSD = str(Path(sys.executable).with_name("mlsd"))
TASK = "1_model_versioning/task1_intro_to_dvc"
INITIALISE = "dvc init --quiet --subdir && git commit --quiet --message Initialise"
_NARROW = (60, 30)
"""Columns and rows of the recording: its picture can be read on a telephone, and nothing is left out."""


def sh(folder: Path, commands: str) -> None:
    """Type commands in another terminal."""
    path = os.pathsep.join((COMMANDS, os.environ["PATH"]))
    done = subprocess.run(
        ["sh", "-e", "-c", commands], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def first_step_done(clone: Path) -> str:
    """The screen after the first step of task 1.1, without empty lines before the line of keys."""
    with terminal(MLSD, "watch", "1.1", folder=clone, size=_NARROW, NO_COLOR="1") as opened:
        opened.wait("looked at")
        sh(clone / TASK, INITIALISE)
        opened.wait("✗ failed   1.1/track")
        lines = opened.wait("next       dvc add").splitlines()
    *shown, keys = lines
    while not shown[-1]:
        shown.pop()
    return "\n".join([*shown, "", keys]) + "\n"


def main() -> None:
    """Start a task in a fresh clone, and record the screen after its first step."""
    course = load_course()
    with TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        begin(course, [course.task("1.1")], clone)
        RECORDING.write_text(first_step_done(clone), encoding="utf-8")
    sys.stdout.write(f"wrote {RECORDING.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
