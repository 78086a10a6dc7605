"""A screen of `mlsd watch`, as `python -m tests.cli.recording` wrote it down in watch.txt."""

from __future__ import annotations

from pathlib import Path

from drawing import MARGIN, WIDTH, Drawing

RECORDING = Path(__file__).with_suffix(".txt")
_LINE = 21


def draw() -> Drawing:
    """The screen in a window."""
    lines = RECORDING.read_text(encoding="utf-8").splitlines()
    height = 44 + _LINE * len(lines) + 2 * MARGIN
    drawing = Drawing(
        "mlsd watch, after the first step was committed",
        "A terminal. Step 1.1/init has passed, 1.1/track has failed, and four steps wait behind it. Below stands what was "
        "looked at, what was expected, what was found, and the command to type next. The last line names the keys.",
        height,
    )
    drawing.box(MARGIN, MARGIN, WIDTH - 2 * MARGIN, height - 2 * MARGIN, "area")
    drawing.text(26, 36, "$ mlsd watch", "code")
    for place, line in enumerate(lines):
        if line:
            drawing.text(26, 66 + place * _LINE, line, "code screen")
    return drawing
