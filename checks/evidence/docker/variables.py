"""The variables of a Dockerfile: `$NAME`, `${NAME:-default}`, quotes, and the pairs of `ENV` and `LABEL`.

Rules: https://docs.docker.com/reference/dockerfile/#environment-replacement.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_BETWEEN = re.compile("[ \\t\\v\\f\\r]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^{}$\"'\\]*))?\}")

Lookup = Callable[[str], str | None]
"""The value of a variable by its name: None where nobody can tell."""


def expand(text: str, lookup: Lookup) -> str | None:
    """`text` without its quotes, variables replaced. None where it holds a variable whose value nobody can tell."""
    out: list[str] = []
    at, quote = 0, ""
    while at < len(text):
        letter = text[at]
        if letter == "$" and quote != "'":
            value, at = _variable(text, at + 1, lookup)
            if value is None:
                return None
            out.append(value)
            continue
        if letter == "\\" and quote != "'" and at + 1 < len(text):
            kept = quote and text[at + 1] not in '"$\\'
            out.append(f"\\{text[at + 1]}" if kept else text[at + 1])
            at += 2
            continue
        if letter in "\"'" and quote in ("", letter):
            quote = "" if quote else letter
        else:
            out.append(letter)
        at += 1
    return "".join(out)


def _variable(text: str, at: int, lookup: Lookup) -> tuple[str | None, int]:
    """The value of the variable whose `$` is before `at`, and the place behind it."""
    if braced := _BRACED.match(text, at):
        value, how, other = lookup(braced[1]), braced[2], braced[3]
        if how and value is not None:
            there = value != "" if how.startswith(":") else True
            value = (other if there else "") if how.endswith("+") else (value if there else other)
        return value, braced.end()
    if name := _NAME.match(text, at):
        return lookup(name[0]), name.end()
    return (None, at) if text.startswith("{", at) else ("$", at)


def pairs(text: str) -> list[tuple[str, str]]:
    """The names and raw values of `ENV a=1 b="two words"` or of the older `ENV a one value`."""
    words = _words(text)
    if words and "=" not in words[0]:
        name, *value = _BETWEEN.split(text, maxsplit=1)
        return [(name, value[0] if value else "")]
    return [(name, value) for name, _, value in (word.partition("=") for word in words)]


def _words(text: str) -> list[str]:
    """The words of a line, where a blank in quotes or behind a backslash ends none."""
    words, word, quote, at = [], "", "", 0
    while at < len(text):
        letter = text[at]
        if letter == "\\" and quote != "'" and at + 1 < len(text):
            word += text[at : at + 2]
            at += 2
            continue
        if letter in "\"'" and quote in ("", letter):
            quote = "" if quote else letter
        if letter.isspace() and not quote:
            words += [word] if word else []
            word = ""
        else:
            word += letter
        at += 1
    return [*words, word] if word else words
