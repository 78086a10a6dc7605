"""Lines of a terminal: how wide text is, and how it is broken. Takes text that `escape.terminal` made safe."""

from __future__ import annotations

import re
import unicodedata

from checks.reports.escape import without_commands

_CHUNKS = re.compile(r"(?<=\s)(?=\S)")


def cells(text: str) -> int:
    """How many columns the text takes. East Asian wide characters take two, combining marks none."""
    return len(text) if text.isascii() else sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    """How many columns one character takes."""
    if char == "\ufe0f":  # asks for the emoji form of the character before it, which is one column wider
        return 1
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text with spaces after it, up to `width` columns."""
    return text + " " * (width - cells(text))


def clip(text: str, width: int) -> str:
    """The text, or its start and `…`, in at most `width` columns."""
    return text if cells(text) <= width else text[: _fitting(text, width - 1)] + "…"


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces, and inside a word only where it is too long."""
    lines: list[str] = []
    line = ""
    for chunk in _CHUNKS.split(text):
        if line and cells(line) + cells(chunk.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += chunk
        while cells(line.rstrip()) > width:
            at = _break(line, width)
            lines.append(line[:at].rstrip())
            line = without_commands(line[at:])
    lines.append(line.rstrip())
    return lines


def _break(word: str, width: int) -> int:
    """Where to break a word that is too long: after a `/` or before a `#` in its later half, or else at the end."""
    end = max(1, _fitting(word, width))
    slash, anchor = word.rfind("/", 0, end) + 1, word.rfind("#", 0, end + 1)
    best = max(slash, anchor)
    return best if best > end // 2 else end


def rows(text: str, width: int) -> int:
    """How many rows a terminal of `width` columns takes for the text, at least one: a wide character is never cut."""
    count = 1
    while (fitting := _fitting(text, width)) < len(text):
        count += 1
        text = text[max(1, fitting) :]
    return count


def _fitting(text: str, width: int) -> int:
    """How many characters of the text fit into `width` columns."""
    used = 0
    for index, char in enumerate(text):
        used += _cell(char)
        if used > width:
            return index
    return len(text)
