"""Whether Git ignores a path, by the `.gitignore` files of one commit.

Rules: https://git-scm.com/docs/gitignore, and `dir.c` of Git where that page is silent. Excludes of a machine
(`core.excludesFile`, `.git/info/exclude`) do not count: they protect one laptop, not the team.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from checks import limits
from checks.evidence.wildmatch import Token, matches, parsed

_LINE_BYTES = 512


@dataclass(frozen=True, slots=True)
class _Rule:
    glob: tuple[Token, ...]
    ignores: bool
    folders_only: bool
    anywhere: bool

    def holds(self, path: bytes, folder: bool) -> bool:
        if self.folders_only and not folder:
            return False
        return matches(self.glob, path.rpartition(b"/")[2] if self.anywhere else path)


def is_ignored(path: str, read: Callable[[str], bytes | None]) -> bool:
    """Whether `path` (a file) is ignored, where `read` gives a committed file's bytes or None.

    Lines of one `.gitignore` beyond `limits.IGNORE_PATTERNS` do not count, nor does one of more than 512 bytes.
    """
    parts = path.split("/")
    return any(_decided(parts[:depth], depth < len(parts), read) for depth in range(1, len(parts) + 1))


def _decided(parts: list[str], folder: bool, read: Callable[[str], bytes | None]) -> bool:
    """Whether one path is ignored, by the last rule that holds in the nearest `.gitignore` that has one."""
    for level in range(len(parts) - 1, -1, -1):
        rules = read("/".join([*parts[:level], ".gitignore"]))
        if rules is None:
            continue
        path = "/".join(parts[level:]).encode("utf-8", "surrogateescape")
        for rule in reversed(_rules(rules)):
            if rule.holds(path, folder):
                return rule.ignores
    return False


@lru_cache(maxsize=16)
def _rules(text: bytes) -> tuple[_Rule, ...]:
    lines = text.removeprefix(b"\xef\xbb\xbf").split(b"\n", limits.IGNORE_PATTERNS)[: limits.IGNORE_PATTERNS]
    rules = (_rule(line) for line in lines if 0 < len(line) <= _LINE_BYTES and not line.startswith(b"#"))
    return tuple(rule for rule in rules if rule)


def _rule(line: bytes) -> _Rule | None:
    glob = _without_trailing_spaces(line.removesuffix(b"\r").partition(b"\0")[0])
    ignores = not glob.startswith(b"!")
    glob = glob.removeprefix(b"!")
    folders_only = glob.endswith(b"/")
    glob = glob.removesuffix(b"/")
    tokens = parsed(glob.removeprefix(b"/"))
    return None if tokens is None else _Rule(tokens, ignores, folders_only, anywhere=b"/" not in glob)


def _without_trailing_spaces(line: bytes) -> bytes:
    """The line without the spaces at its end; a backslash keeps the one after it."""
    kept = line.rstrip(b" ")
    backslashes = len(kept) - len(kept.rstrip(b"\\"))
    return line[: len(kept) + 1] if backslashes % 2 and len(line) > len(kept) else kept
