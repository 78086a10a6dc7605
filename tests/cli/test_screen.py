"""The page fits its window, whatever stands on it."""

from __future__ import annotations

import os

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.cli import screen

LINES = st.lists(st.text(st.sampled_from("ab 漢✓"), max_size=200), max_size=40)


@given(LINES, st.integers(20, 100), st.integers(3, 40))
def test_the_first_line_and_the_footer_are_always_seen(lines: list[str], columns: int, rows: int) -> None:
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "_write", written.append)
        patch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((columns, rows)))
        screen.draw(["\x1b[1mTitle\x1b[0m", *lines], "q quit")
    page = pyte.Screen(columns, rows)
    pyte.Stream(page).feed("".join(written))
    shown = [line.rstrip() for line in page.display]
    if rows > 3:
        assert shown[0] == "Title"
    assert shown[-1] == "q quit"
