"""One screen of text that is drawn again in place, on the terminal's second page: what was there before comes back."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from checks.reports.wrap import clip, rows

_SECOND_PAGE = "\x1b[?1049h\x1b[?25l"
_FIRST_PAGE = "\x1b[?25h\x1b[?1049l"
_TOP = "\x1b[H"
_REST_OF_LINE = "\x1b[K"
_REST_OF_PAGE = "\x1b[J"
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def second_page() -> Iterator[None]:
    """Show the second page in here, without a cursor. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html"""
    if os.name == "nt":
        os.system("")  # noqa: S605 - turns on escape sequences in consoles that have them off
    _write(_SECOND_PAGE)
    try:
        yield
    finally:
        _write(_FIRST_PAGE)


def draw(lines: Sequence[str], footer: str) -> None:
    """Fill the page: lines from the top, as many as there is room for, and the footer in the last row.

    Nothing flickers, as each line is written over the one before. A line that is wider than the page, as a command to
    copy may be, takes as many rows as it needs.
    """
    size = shutil.get_terminal_size((80, 24))
    heights = [rows(_STYLE.sub("", line), size.columns) for line in lines]
    room = max(1, size.lines - 1)
    shown = list(lines)
    if sum(heights) > room:
        while shown and sum(heights[: len(shown)]) > room - 1:
            shown.pop()
        shown.append(clip(f"  … {len(lines) - len(shown)} more lines: make the window higher", size.columns))
    page = "".join(f"{line}{_REST_OF_LINE}\r\n" for line in shown)
    last_row = f"\x1b[{size.lines};1H"
    _write(_TOP + page + _REST_OF_PAGE + last_row + clip(footer, size.columns) + _REST_OF_LINE)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
