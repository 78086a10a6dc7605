"""The lines of a Dockerfile put together to instructions, as BuildKit's parser does it, and the variables in them.

Rules: https://docs.docker.com/reference/dockerfile/ (for `$NAME`, `${NAME:-default}`, quotes and the pairs of `ENV` and
`LABEL`: #environment-replacement) and
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go. That parser exists as a Python
package, in Go: a process that is forked after its first use hangs in it, and grading forks. So it is the tests' oracle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks import limits
from checks.expect import Malformed

_DIRECTIVE = re.compile(r"#\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*\Z", re.IGNORECASE)
_HEREDOC = re.compile(r"(?:(?<=\s)|\A)\d*<<(-?)([\"']?)([A-Za-z_][\w.-]*)\2(?=\s|\Z)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^{}$\"'\\]*))?\}")

_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_JSON_FORMS = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"})
_BLANKS = " \t\v\f\r"
_BETWEEN = re.compile(f"[{_BLANKS}]+")
KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})  # fmt: skip
"""Every instruction that Docker knows."""

Lookup = Callable[[str], str | None]
"""The value of a variable by its name: None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `keyword` is in capitals; `text` is what follows it and its flags, on one line.

    `words` are the strings of the JSON array in exec form, else the words of `text`. `flags` are its options, such as
    `("from", "build")`. `line` counts from 1. `heredoc` says that its content is in lines of their own below it.
    """

    keyword: str
    text: str
    words: tuple[str, ...]
    exec_form: bool
    flags: tuple[tuple[str, str], ...]
    line: int
    heredoc: bool = False

    def flag(self, name: str) -> str | None:
        """The value of an option; None where it is not given."""
        return next((value for flag, value in self.flags if flag == name), None)


def malformed(where: str, line: int, found: str, expected: str = "an instruction that Docker knows") -> Malformed:
    """A line of a Dockerfile that Docker would refuse: `found` in place of `expected`."""
    shown = found if len(found) <= 200 else f"{found[:200]}... ({len(found):,} characters)"
    return Malformed(f"{where}, line {line}", f"{shown}, in place of {expected}")


def instructions(data: bytes, where: str) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, in order. Raises Malformed where Docker would refuse the file."""
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise malformed(where, data.count(b"\n", 0, error.start) + 1, "bytes that are not UTF-8", "text") from None
    if b"\0" in data or len(lines) > limits.DOCKERFILE_LINES:
        found = "a NUL byte" if b"\0" in data else f"{len(lines):,} lines"
        raise malformed(where, 1, found, f"text of at most {limits.DOCKERFILE_LINES:,} lines")
    escape, first = _directives(lines)
    at = first
    while at < len(lines):
        start = at
        parts: list[str] = []
        goes_on = True
        while goes_on and at < len(lines):
            line = lines[at].rstrip("\r")
            at += 1
            bare = line.strip(_BLANKS)
            if bare.startswith("#") or not bare:
                goes_on = bool(parts)
                start = start if parts else at
                continue
            part, goes_on = _continued(line if parts else line.lstrip(_BLANKS), escape)
            parts.append(part)
        text = "".join(parts).strip(_BLANKS)
        if text:
            instruction = _instruction(text, start + 1, where)
            if instruction.heredoc:
                at = _after_heredocs(instruction.text, lines, at, where)
            yield instruction


def _directives(lines: list[str]) -> tuple[str, int]:
    """The escape character that the first comment lines set, and where the rest begins."""
    escape = "\\"
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line.strip())
        if found is None or found[1].lower() not in ("escape", "syntax", "check"):
            return escape, number
        if found[1].lower() == "escape" and found[2] in ("`", "\\"):
            escape = found[2]
    return escape, len(lines)


def _continued(line: str, escape: str) -> tuple[str, bool]:
    """The line without the escape character at its end, and whether there was one: a doubled one stands for itself."""
    bare = line.rstrip(" \t")
    if bare.endswith(escape) and not bare.endswith(escape * 2):
        return bare[:-1], True
    return line, False


def _instruction(text: str, line: int, where: str) -> Instruction:
    keyword, *rest = _BETWEEN.split(text, maxsplit=1)
    keyword = keyword.upper()
    if keyword not in KEYWORDS:
        raise malformed(where, line, keyword)
    flags, body = _flags(rest[0] if rest else "")
    if not body:
        raise malformed(where, line, f"{keyword} alone", f"{keyword} with what it is about")
    strings = _json_strings(body) if keyword in _JSON_FORMS else None
    heredoc = keyword in _WITH_HEREDOCS and strings is None and _HEREDOC.search(body) is not None
    words = tuple(_BETWEEN.split(body)) if strings is None else strings
    return Instruction(keyword, body, words, strings is not None, flags, line, heredoc)


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while text.startswith("--"):
        word, *rest = _BETWEEN.split(text, maxsplit=1)
        text = rest[0] if rest else ""
        if word == "--":
            break
        name, _, value = word[2:].partition("=")
        flags.append((name, value))
    return tuple(flags), text.strip(_BLANKS)


def _json_strings(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array of strings; None where `text` is something else, which Docker gives to a shell."""
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(value) if isinstance(value, list) and all(isinstance(word, str) for word in value) else None


def _after_heredocs(text: str, lines: list[str], at: int, where: str) -> int:
    """The place below the last line of an instruction's here-documents."""
    for dash, _, name in _HEREDOC.findall(text):
        begin = at
        while at < len(lines) and (lines[at].lstrip("\t") if dash else lines[at]).rstrip("\r") != name:
            at += 1
        if at == len(lines):
            raise malformed(where, begin + 1, "the end of the file", f"a line {name}, the end of <<{name}")
        at += 1
    return at


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
