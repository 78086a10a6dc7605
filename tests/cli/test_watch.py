"""A learner's session on a terminal, and `mlsd watch` through what happens to a clone."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("termios", reason="a pseudo-terminal needs POSIX")

from tests.cli.recording import INITIALISE, MLSD, TASK, first_step_done, sh
from tests.pseudo_terminal import LONG, PseudoTerminal, terminal
from tests.words.pages import ROOT

HEADLINE = "1.1  Intro to DVC"


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Programs that are started here can be interrupted, also where the tests run in the background of a shell.

    Such a shell has its jobs ignore SIGINT, and they hand that on to what they start.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def mlsd(clone: Path, *words: str, **variables: str) -> Iterator[PseudoTerminal]:
    """`mlsd` in a terminal whose folder is the clone."""
    with terminal(MLSD, *words, folder=clone, **variables) as opened:
        yield opened


def test_a_session(fresh: Path) -> None:
    """Start, watch, a save that fails, a hint, a save that passes, status and submit."""
    with mlsd(fresh, "start", "1.1") as opened:
        assert opened.ended() == 0
        assert "Task 1.1 Intro to DVC" in opened.text
    folder = fresh / TASK
    with mlsd(fresh, "watch") as opened:
        first = opened.wait("next       ")
        assert HEADLINE in first
        assert "✗ failed   1.1/init" in first
        assert "· blocked  1.1/track" in first
        assert first.splitlines()[-1].startswith("h hint  n next task")
        opened.press("h")
        opened.wait("hint 1 of 3")
        opened.press("o")
        opened.wait("The README explains it here:")
        (folder / "notes.txt").write_text("not much\n")
        opened.wait("The README explains it here:")  # what was asked for stays until a verdict changes
        sh(folder, INITIALISE)
        for shown in ("✓ passed   1.1/init", "✗ failed   1.1/track", "score 1 / 10"):
            opened.wait(shown)
        opened.press("l")
        listed = opened.wait("> 1.1  Intro to DVC: 1 / 10")
        assert "3.2  Conda environments: 0 / 10" in listed
        opened.press("q")
        assert opened.ended() == 0
    with mlsd(fresh, "status") as opened:
        opened.wait("Next: 1.1/track")
    with mlsd(fresh, "submit") as opened:
        assert opened.ended() == 0
        assert b"ada-example-org.tar.gz" in opened.received


@pytest.mark.parametrize("end", ["q", "\x04", "\x03"], ids=["q", "Ctrl-D", "Ctrl-C"])
def test_every_end_gives_the_terminal_back(fresh: Path, end: str) -> None:
    with mlsd(fresh, "watch", "1.1") as opened:
        opened.wait("looked at")
        opened.press(end)
        assert opened.ended() == 0
        assert opened.received.count(b"\x1b[?1049h") == 1
        assert opened.received.endswith(b"\x1b[?25h\x1b[?1049l")


def test_a_half_written_file_a_rebase_and_a_folder_that_goes(fresh: Path) -> None:
    folder = fresh / TASK
    sh(folder, INITIALISE)
    config = (folder / ".dvc/config").read_bytes()
    with mlsd(fresh, "watch", "1.1") as opened:
        opened.wait("✓ passed   1.1/init")
        (folder / "data/rentals.csv.dvc").write_text("outs:\n- md5: 6912\n  pa")
        opened.wait("1.1/track")
        (folder / ".dvc/config").write_bytes(b"[core\n\xff")
        (folder / ".dvc/config").write_bytes(config)
        sh(folder, "rm data/rentals.csv.dvc; GIT_SEQUENCE_EDITOR='sed -i 1ibreak' git rebase --quiet -i HEAD~1")
        opened.press("o")
        opened.wait("The README explains it here:")
        sh(folder, "git rebase --abort")
        opened.press("h")
        opened.wait("hint 1 of 3")
        opened.wait("✓ passed   1.1/init")
        shutil.move(folder, fresh / "kept")
        opened.wait(lambda _: not folder.exists())
        opened.press("l")
        opened.wait("> 1.1  Intro to DVC: 1 / 10")
        shutil.move(fresh / "kept", folder)
        sh(folder, "dvc add --quiet data/rentals.csv && git add data && git commit --quiet --message Track")
        opened.wait("✓ passed   1.1/track")


def test_reset_asks_first(fresh: Path) -> None:
    folder = fresh / TASK
    (folder / "notes.txt").write_text("mine\n")
    with mlsd(fresh, "watch", "1.1") as opened:
        opened.wait("looked at")
        opened.press("r")
        opened.wait("kept in a backup folder")
        opened.press("n")
        opened.wait("Nothing was changed.")
        assert (folder / "notes.txt").exists()
        opened.press("r")
        opened.wait("y yes  n no")
        opened.press("y")
        opened.wait(lambda _: not (folder / "notes.txt").exists())


def test_a_key_that_can_not_be_answered_ends_nothing(fresh: Path) -> None:
    with mlsd(fresh, "watch", "1.1") as opened:
        opened.wait("looked at")
        (fresh / "learner.toml").write_bytes(b"id = \xff")
        opened.press("r")
        opened.wait("y yes  n no")
        opened.press("y")
        opened.wait("! error: this can't be done just now")
        opened.press("o")
        opened.wait("The README explains it here:")


def test_the_next_task(fresh: Path) -> None:
    with mlsd(fresh, "watch", "1.1") as opened:
        opened.wait(HEADLINE)
        for title in ("1.2  DVC pipelines", "2.1  Intro to MLflow"):
            opened.press("n")
            opened.wait(title)


def test_no_colour_where_nobody_wants_it(fresh: Path) -> None:
    with mlsd(fresh, "watch", "1.1", NO_COLOR="1") as opened:
        opened.wait("✗ failed   1.1/init")
        assert {cell.fg for row in opened.screen.buffer.values() for cell in row.values()} == {"default"}


def test_in_a_pipe_each_report_follows_the_one_before(fresh: Path) -> None:
    with subprocess.Popen([MLSD, "watch", "1.1"], cwd=fresh, stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stdout is not None
            lines = iter(watching.stdout.readline, "")
            assert next(lines).startswith(HEADLINE)
            sh(fresh / TASK, INITIALISE)
            assert any("passed   1.1/init" in line for line in lines)
            watching.send_signal(signal.SIGINT)
            rest, _ = watching.communicate(timeout=LONG)
            assert "\x1b" not in rest
            assert watching.returncode == 0
        finally:
            watching.kill()


def test_the_picture_in_the_readme_shows_what_is_shown(fresh: Path) -> None:
    """Where it does not: python -m tests.cli.recording, then python images/draw.py."""
    assert (ROOT / "images/watch.txt").read_text() == first_step_done(fresh)
