"""Terminals and pipes that can't show our signs get plain letters, and the words beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pseudo_terminal import terminal

MLSD = Path(sys.executable).parent / "mlsd"
VERBS = (
    ["check", "1.1"],
    ["status"],
    ["hint", "1.1", "track"],
    ["doctor"],
    ["submit", "--output", "work.tar.gz"],
    ["check", "1.1", "--format", "json"],
    ["solve", "1.1/init", "--show"],
)


def said(clone: Path, encoding: str, *words: str) -> str:
    """What a process writes to a pipe of this encoding."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([MLSD, *words], cwd=clone, env=environment, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    assert b"Traceback" not in done.stderr
    return done.stdout.decode(encoding) + done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_every_verb_can_be_read(fresh: Path, encoding: str) -> None:
    learner = fresh / "learner.toml"
    learner.write_text(learner.read_text(encoding="utf-8").replace("Ada Example", "Zoë Łukasz 李"), encoding="utf-8")
    spoken = {" ".join(words): said(fresh, encoding, *words) for words in VERBS}
    assert " x failed   1.1/init" in spoken["check 1.1"]
    assert " . blocked" in spoken["check 1.1"].replace("\xb7", ".")
    assert "+ found" in spoken["doctor"]
    assert "Zoë ?ukasz ?" in spoken["status"]


def test_a_terminal_that_knows_no_colours_gets_none(fresh: Path) -> None:
    for kind, coloured in (("dumb", False), ("xterm-256color", True)):
        with terminal(str(MLSD), "check", "1.1", folder=fresh, TERM=kind, NO_COLOR="") as session:
            session.ended()
            assert (b"\x1b[" in session.received) is coloured
