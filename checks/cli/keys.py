"""Single keys of a terminal, without the Enter key, on POSIX and on Windows."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_LOOK = 0.1
"""Seconds between two looks whether to go on."""


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
