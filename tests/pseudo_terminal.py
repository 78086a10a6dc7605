"""A terminal of 80 x 24 in which `mlsd` runs, read as a person sees it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

COLUMNS, ROWS = 80, 24
_ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
QUIET = 0.2
"""Seconds without a sign, after which a screen is whole."""
LONG = 60.0
"""Seconds that a slow machine may take to show something."""


class PseudoTerminal:
    """One program on a screen of so many columns and rows."""

    def __init__(self, command: str, words: list[str], folder: Path, size: tuple[int, int], **variables: str) -> None:
        self.screen = pyte.Screen(*size)
        self.received = b""
        self._stream = pyte.ByteStream(self.screen)
        self.program = pexpect.spawn(
            command,
            words,
            cwd=str(folder),
            env=_ENVIRONMENT | {"TERM": "xterm-256color"} | variables,
            dimensions=(size[1], size[0]),
        )

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait(self, shown: str | Callable[[str], bool]) -> str:
        """Wait until this stands on the screen and nothing more is drawn; the screen then."""
        end = time.monotonic() + LONG
        wanted = shown if callable(shown) else lambda text: shown in text
        while True:
            assert time.monotonic() < end, f"{shown!r} did not come up:\n{self.text}"
            try:
                self._read(QUIET)
            except pexpect.TIMEOUT:
                if wanted(self.text):
                    return self.text
            except pexpect.EOF:
                assert wanted(self.text), f"ended without {shown!r}:\n{self.text}"
                return self.text

    def _read(self, timeout: float) -> None:
        more = self.program.read_nonblocking(65536, timeout=timeout)
        self.received += more
        self._stream.feed(more)

    def press(self, key: str) -> None:
        """Press a key."""
        self.program.send(key)

    def ended(self) -> int:
        """Wait for the program's end; its exit code."""
        try:
            while True:
                self._read(LONG)
        except pexpect.EOF:
            self.program.wait()
        return int(self.program.exitstatus if self.program.exitstatus is not None else -1)


@contextmanager
def terminal(
    command: str, *words: str, folder: Path, size: tuple[int, int] = (COLUMNS, ROWS), **variables: str
) -> Iterator[PseudoTerminal]:
    """Run a program in a terminal; it is ended at the end, whatever came of it."""
    opened = PseudoTerminal(command, list(words), folder, size, **variables)
    try:
        yield opened
    finally:
        # pexpect gives a killed program a tenth of a second to be gone, which is too short for a busy machine.
        if opened.program.isalive():
            opened.program.kill(signal.SIGKILL)
            opened.program.wait()
        opened.program.close()
