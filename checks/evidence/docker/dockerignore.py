"""A `.dockerignore`: which files of a folder a build gets to see.

Rules: https://docs.docker.com/build/concepts/context/#dockerignore-files, and for what they leave open
https://github.com/moby/patternmatcher/blob/main/patternmatcher.go. Matching takes no regular expression: a stranger's
pattern can make one that takes years.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from checks import limits
from checks.evidence.wildmatch import DEEP, FOLDERS, STAR, Token, matches
from checks.expect import Malformed

_SLASH = ord("/")
_NOT_SLASH = frozenset(range(256)) - {_SLASH}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: whether it lets files in (`!`), and which."""

    lets_in: bool
    tokens: tuple[Token, ...]


class _PatternError(ValueError):
    """Docker refuses this pattern, and with it the build."""


class Dockerignore:
    """The patterns of an ignore file, in order."""

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self.patterns = patterns

    def keeps_out(self, path: str) -> bool:
        """Whether a file of the folder (a relative path with `/`) stays out of the build. The last line that speaks
        of it, or of a folder above it, decides."""
        ignored = False
        for pattern in self.patterns:
            if pattern.lets_in == ignored and _speaks_of(pattern, path):
                ignored = not pattern.lets_in
        return ignored


def parse_dockerignore(data: bytes, where: str) -> Dockerignore:
    """The patterns in `data`. Raises Malformed where Docker would refuse them."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(lines) > limits.IGNORE_PATTERNS:
        raise Malformed(where, f"{len(lines):,} lines, more than the {limits.IGNORE_PATTERNS:,} that are read")
    patterns = []
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if line.startswith(b"#") or not bare:
            continue
        lets_in = bare.startswith(b"!")
        text = bare.removeprefix(b"!").strip()
        try:
            patterns.append(Pattern(lets_in, _tokens(_clean(text))))
        except _PatternError as error:
            raise Malformed(f"{where}, line {number}", f"{error}: Docker refuses such a pattern") from None
    return Dockerignore(tuple(patterns))


def _clean(text: bytes) -> bytes:
    """As Go's `filepath.Clean`, the leading slash off: patterns count from the context's root."""
    if not text:
        raise _PatternError("a ! alone")
    return posixpath.normpath(text).lstrip(b"/")


def _speaks_of(pattern: Pattern, path: str) -> bool:
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    return any(matches(pattern.tokens, b"/".join(parts[: depth + 1])) for depth in range(len(parts)))


def _tokens(text: bytes) -> tuple[Token, ...]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        letter = text[at : at + 1]
        if text.startswith(b"**", at):
            first, at = at == 0, at + 2
            slash = text.startswith(b"/", at)
            plain_end = first and not slash and not set(text[at:]) & set(b"*?[\\")
            at += slash
            tokens.append(DEEP if at == len(text) or plain_end else FOLDERS)
        elif letter == b"*":
            tokens.append(STAR)
            at += 1
        elif letter == b"?":
            tokens.append(_NOT_SLASH)
            at += 1
        elif letter == b"[":
            token, at = _class(text, at + 1)
            tokens.append(token)
        else:
            at += letter == b"\\"
            if at == len(text):
                raise _PatternError("a backslash at its end")
            tokens.append(frozenset(text[at : at + 1]))
            at += 1
    return tuple(tokens)


def _class(text: bytes, at: int) -> tuple[frozenset[int], int]:
    """The bytes of a bracket expression from behind its `[`, and the place behind its `]`."""
    negated = text.startswith(b"^", at)
    at += negated
    chosen: set[int] = set()
    begin = at
    while at < len(text) and (text[at : at + 1] != b"]" or at == begin):
        low, at = _member(text, at)
        high = low
        if text.startswith(b"-", at) and not text.startswith(b"-]", at):
            high, at = _member(text, at + 1)
        if high < low:
            raise _PatternError("a range that runs backwards")
        chosen.update(range(low, high + 1))
    if at >= len(text):
        raise _PatternError("a [ that is never closed")
    return frozenset(frozenset(range(256)) - chosen if negated else chosen), at + 1


def _member(text: bytes, at: int) -> tuple[int, int]:
    at += text.startswith(b"\\", at)
    if at >= len(text):
        raise _PatternError("a [ that is never closed")
    return text[at], at + 1
