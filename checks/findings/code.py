"""Python code as a set of short runs of words, so that copies look alike after their variables were renamed.

The code is cut into words by one regular expression, which never steps back: a stranger's file costs time in proportion
to its size, whether it is Python or not. Lexical rules: https://docs.python.org/3/reference/lexical_analysis.html.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from collections.abc import Iterator

RUN = 7
"""Words in a row that are compared: about a line of code."""

_WORD = re.compile(
    r"""
      (?P<skipped>[ \t\f]++|\#[^\n]*+|\\\r?\n)
    | (?P<line>\r?\n)
    | (?P<text>[rRbBuUfFtT]{0,2}+(?:
          \"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3})?
        | '{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3})?
        | "(?:[^"\\\n]|\\.)*+"?
        | '(?:[^'\\\n]|\\.)*+'?
      ))
    | (?P<number>\.?[0-9](?:[eE][-+]|[\w.])*+)
    | (?P<name>\w++)
    | (?P<sign>->|:=|\*\*=?|//=?|[-+*/%@&|^=<>!]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
"""Names that mean the same in every script: nobody can rename them."""
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def words(source: str) -> list[str]:
    """The words of a script: its own names are `N`, its texts `S`, its numbers `0`; comments and docstrings are left out.

    Names that belong to others stay: what is imported, attributes (`model.fit`), the names of arguments in a call.
    """
    found: list[str] = []
    imported: set[str] = set()
    for line in _statements(source):
        if not line or line == [("text", "")]:
            continue
        importing, defining = line[0][1] in ("import", "from"), "def" in (line[0][1], line[1:2] and line[1][1])
        depth = 0
        for index, (kind, word) in enumerate(line):
            depth += (word in _OPENING) - (word in _CLOSING)
            if kind != "name":
                found.append({"text": "S", "number": "0"}.get(kind, word))
                continue
            before = line[index - 1][1] if index else ""
            after = line[index + 1][1] if index + 1 < len(line) else ""
            if importing and before != "as":
                imported.add(word)
            kept = word in _KEPT or word in imported or before == "." or (depth > 0 and after == "=" and not defining)
            found.append(word if kept else "N")
    return found


def _statements(source: str) -> Iterator[list[tuple[str, str]]]:
    """The words of each logical line: one that has no open bracket at its end."""
    line: list[tuple[str, str]] = []
    depth = 0
    for match in _WORD.finditer(source):
        kind = match.lastgroup or ""
        if kind == "line":
            if depth <= 0:
                yield line
                line, depth = [], 0
        elif kind != "skipped":
            word = "" if kind == "text" else match[0]
            depth += (word in _OPENING) - (word in _CLOSING)
            line.append((kind, word))
    yield line


def runs(source: str) -> set[int]:
    """Every run of words in a script, each as a number of 32 bits."""
    found = words(source)
    return {
        zlib.crc32("\n".join(found[start : start + RUN]).encode("utf-8", "surrogatepass"))
        for start in range(len(found) - RUN + 1)
    }
