"""Whether Git ignores a path, by the `.gitignore` files of one commit.

Rules: https://git-scm.com/docs/gitignore. Excludes of a machine (`core.excludesFile`, `.git/info/exclude`)
do not count: they protect one laptop, not the team.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from checks import limits


def is_ignored(path: str, read: Callable[[str], bytes | None]) -> bool:
    """Whether `path` (a file) is ignored, where `read` gives a committed file's bytes or None.

    A pattern with more than `limits.IGNORE_WILDCARDS` wildcards does not count.
    """
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        ending = "/" if depth < len(parts) else ""
        if _decided(parts[:depth], ending, read):
            return True
    return False


def _decided(parts: list[str], ending: str, read: Callable[[str], bytes | None]) -> bool:
    """What the nearest `.gitignore` with an opinion says of one path; a folder ends in `/`."""
    for level in range(len(parts) - 1, -1, -1):
        rules = read("/".join([*parts[:level], ".gitignore"]))
        if rules is None:
            continue
        verdict = _verdict(rules, "/".join(parts[level:]) + ending)
        if verdict is not None:
            return verdict
    return False


@lru_cache(maxsize=256)
def _verdict(rules: bytes, path: str) -> bool | None:
    from pathspec import GitIgnoreSpec

    lines = rules.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").splitlines()[: limits.IGNORE_PATTERNS]
    spec = GitIgnoreSpec.from_lines(line for line in lines if line.count("*") <= limits.IGNORE_WILDCARDS)
    return spec.check_file(path).include
