"""A screen that is drawn again in place, on the terminal's second page, and single keys without Enter.

The first page, with everything that was there before, comes back in the end. On POSIX and on Windows.
Source: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
"""

from __future__ import annotations

import os
import re
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

import wcwidth

from checks.reports.terminal import clip

_SECOND_PAGE = "\x1b[?1049h\x1b[?25l"
_FIRST_PAGE = "\x1b[?25h\x1b[?1049l"
_TOP = "\x1b[H"
_REST_OF_LINE = "\x1b[K"
_REST_OF_PAGE = "\x1b[J"
_LOOK = 0.1
"""Seconds between two looks whether to go on."""
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def second_page() -> Iterator[None]:
    """Show the second page in here, without a cursor."""
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
    heights = [_rows(_STYLE.sub("", line), size.columns) for line in lines]
    room = max(1, size.lines - 1)
    shown = list(lines)
    if sum(heights) > room:
        while shown and sum(heights[: len(shown)]) > room - 1:
            shown.pop()
        shown.append(clip(f"  … {len(lines) - len(shown)} more lines: make the window higher", size.columns))
    page = "".join(f"{line}{_REST_OF_LINE}\r\n" for line in shown)
    last_row = f"\x1b[{size.lines};1H"
    _write(_TOP + page + _REST_OF_PAGE + last_row + clip(footer, size.columns) + _REST_OF_LINE)


def _rows(text: str, width: int) -> int:
    """How many rows a terminal takes for the text: it breaks a line anywhere, but in no wide character."""
    return len(wcwidth.wrap(text.replace(" ", "\xa0"), width)) or 1


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@contextmanager
def pressed(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell each key that is pressed, from a thread, while in here. The terminal is as it was afterwards."""
    stop = Event()
    with _unbuffered():
        reader = Thread(target=_read, args=(tell, stop), daemon=True)
        reader.start()
        try:
            yield
        finally:
            stop.set()
            reader.join()


def _read(tell: Callable[[str], None], stop: Event) -> None:
    while not stop.is_set():
        key = _next_key()
        if key:
            tell(key)


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def _unbuffered() -> Iterator[None]:
        yield

    def _next_key() -> str:
        if not msvcrt.kbhit():
            time.sleep(_LOOK)
            return ""
        key = msvcrt.getwch()
        if key in "\x00\xe0":  # an arrow or a function key: the second half says which
            msvcrt.getwch()
            return ""
        return key

else:
    import termios
    import tty

    @contextmanager
    def _unbuffered() -> Iterator[None]:
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def _next_key() -> str:
        terminal = sys.stdin.fileno()
        if not select.select([terminal], [], [], _LOOK)[0]:
            return ""
        typed = os.read(terminal, 64)
        if not typed:  # the terminal was closed
            time.sleep(_LOOK)
        return "" if typed.startswith(b"\x1b") else typed.decode(errors="replace")[:1]
