"""A folder of a commit: Git's tree object. Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from checks.evidence.git.commit import damaged

FOLDER, SUBMODULE, LINK = 0o040000, 0o160000, 0o120000
FILE, EXECUTABLE = 0o100644, 0o100755
PLAIN_FILES = frozenset({FILE, EXECUTABLE})
_TYPE = 0o170000
_NAME_BYTES = 255
_ENTRY = re.compile(rb"([0-7]{1,7}) (?!\.{1,2}\0|\.(?i:git)\0)([^\0/\\]{1,255}+)\0(.{20})", re.DOTALL)
"""One file or folder: its mode in octal digits, a name that Git allows somewhere, and its object's id."""
_ENTRIES = re.compile(b"(?:" + _ENTRY.pattern + b")*+", re.DOTALL)
_ANY_NAME = re.compile(rb"[0-7]{1,7} ([^\0]*)\0.{20}", re.DOTALL)

Listing = dict[str, tuple[str, int]]
"""The names in a folder in Git's order, each with an object's id and one of the five modes above."""


def parse_listing(tree: str, data: bytes) -> Listing:
    """The folder in a tree object's content. Raises Failure where it is none, or holds a name that Git allows nowhere.

    Git refuses such names when it checks a tree out; a tree made by hand can hold them all the same.
    """
    if not _ENTRIES.fullmatch(data):
        raise damaged(tree, _first_fault(data))
    entries = _ENTRY.findall(data)
    listing = {_text(name): (object_id.hex(), _mode(mode)) for mode, name, object_id in entries}
    if len(listing) != len(entries):
        (twice, _), *_ = Counter(name for _, name, _ in entries).most_common(1)
        raise damaged(tree, f"two files named {_text(twice)!r}")
    return listing


def _first_fault(data: bytes) -> str:
    """What is wrong with the first entry that is none."""
    good = _ENTRIES.match(data)
    at = good.end() if good else 0
    named = _ANY_NAME.match(data, at)
    if named is None:
        return "a folder that ends within an entry"
    name = named[1]
    if len(name) > _NAME_BYTES:
        return f"a file name of {len(name):,} bytes"
    return f"a file named {_text(name)!r}, which Git allows nowhere"


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _mode(digits: bytes) -> int:
    """The mode that Git takes it for: old tools wrote others of the same kind."""
    mode = int(digits, 8)
    kind = mode & _TYPE
    if kind in {FOLDER, SUBMODULE, LINK}:
        return kind
    return EXECUTABLE if mode & 0o111 else FILE
