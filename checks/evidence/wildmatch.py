"""Git's own globs, as `.gitignore` uses them: matched in steps that grow with pattern times path, whatever the pattern.

The rules are those of https://github.com/git/git/blob/master/wildmatch.c with WM_PATHNAME, byte by byte. No regular
expression is built: a stranger's pattern can make one that takes years, or one that `re` refuses.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from itertools import groupby

_SLASH = ord("/")
_ANY = frozenset(range(256)) - {_SLASH}
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, [*range(32), 127])),
    "digit": string.digits,
    "graph": "".join(map(chr, range(33, 127))),
    "lower": string.ascii_lowercase,
    "print": "".join(map(chr, range(32, 127))),
    "punct": string.punctuation,
    "space": " \t\n\r\v\f",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}
_SETS = {name.encode(): frozenset(chars.encode()) for name, chars in _CLASSES.items()}

STAR = "*"
"""Any bytes but `/`."""
DEEP = "**"
"""Any bytes."""
FOLDERS = "**/"
"""Any folders, or none."""
Token = frozenset[int] | bytes | str
"""One of the above, or what has to be there: these bytes, or one byte of a set."""


class _NeverError(ValueError):
    """A pattern that matches nothing."""


def parsed(pattern: bytes) -> tuple[Token, ...] | None:
    """The pattern's parts, or None where it matches nothing, such as a bracket that is never closed."""
    try:
        return tuple(_joined(_tokens(pattern)))
    except _NeverError:
        return None


def matches(tokens: tuple[Token, ...], path: bytes) -> bool:
    """Whether the whole of `path` matches."""
    if tokens and isinstance(tokens[0], bytes) and not path.startswith(tokens[0]):
        return False  # as nearly every line of a `.gitignore`
    ends = {0}
    for token in tokens:
        if token == STAR:
            ends = _through_names(path, ends)
        elif token == DEEP:
            ends = set(range(min(ends), len(path) + 1))
        elif token == FOLDERS:
            ends |= {at + 1 for at in range(min(ends), len(path)) if path[at] == _SLASH}
        elif isinstance(token, bytes):
            ends = {at + len(token) for at in ends if path.startswith(token, at)}
        else:
            ends = {at + 1 for at in ends if at < len(path) and path[at] in token}
        if not ends:
            return False
    return len(path) in ends


def _through_names(path: bytes, starts: set[int]) -> set[int]:
    """The places after any bytes that are no `/`."""
    ends: set[int] = set()
    for start in sorted(starts):
        if start not in ends:
            slash = path.find(b"/", start)
            ends.update(range(start, (len(path) if slash < 0 else slash) + 1))
    return ends


def _joined(tokens: Iterable[Token]) -> Iterator[Token]:
    """The same with bytes that follow each other as one token."""
    for literal, some in groupby(tokens, lambda token: isinstance(token, bytes)):
        if literal:
            yield b"".join(token for token in some if isinstance(token, bytes))
        else:
            yield from some


def _tokens(pattern: bytes) -> Iterator[Token]:
    at = 0
    wild = False
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            start = at
            while pattern[at : at + 1] == b"*":
                at += 1
            # Git compares what comes before the first wildcard on its own: for it, `a**/b` begins with the stars.
            alone = at - start > 1 and (start == 0 or pattern[start - 1] == _SLASH or not wild)
            wild = True
            rest = pattern[at : at + 2]
            if alone and rest[:1] == b"/":
                at += 1
                yield FOLDERS
            else:
                yield DEEP if alone and rest in (b"", b"\\/") else STAR
            continue
        wild = wild or char in b"?[\\"
        if char == b"[":
            allowed, at = _bracket(pattern, at + 1)
            yield allowed
            continue
        if char == b"\\":
            at += 1
        yield _ANY if char == b"?" else bytes([_byte(pattern, at)])
        at += 1


def _byte(pattern: bytes, at: int) -> int:
    if at >= len(pattern):
        raise _NeverError
    return pattern[at]


def _bracket(pattern: bytes, at: int) -> tuple[frozenset[int], int]:
    """The bytes that a bracket allows, and where the pattern goes on."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    allowed: set[int] = set()
    previous: int | None = None
    first = True
    while first or _byte(pattern, at) != ord("]"):
        first = False
        char = _byte(pattern, at)
        if char == ord("\\"):
            at += 1
            previous = _byte(pattern, at)
            allowed.add(previous)
        elif char == ord("-") and previous is not None and pattern[at + 1 : at + 2] not in (b"", b"]"):
            at += 2 if pattern[at + 1 : at + 2] == b"\\" else 1
            allowed.update(range(previous, _byte(pattern, at) + 1))
            previous = None
        elif pattern[at : at + 2] == b"[:" and pattern[_closing(pattern, at) - 1 : _closing(pattern, at)] == b":":
            end = _closing(pattern, at)
            name = pattern[at + 2 : end - 1]
            if name not in _SETS:
                raise _NeverError
            allowed |= _SETS[name]
            at, previous = end, None
        else:
            allowed.add(char)
            previous = char
        at += 1
    return frozenset((_ANY - allowed) if negated else allowed - {_SLASH}), at + 1


def _closing(pattern: bytes, at: int) -> int:
    """The place of the first `]` after `[:`."""
    end = pattern.find(b"]", at + 2)
    if end < 0:
        raise _NeverError
    # `[:]` has no room for a class between its colons.
    return end if end > at + 2 else at + 1
