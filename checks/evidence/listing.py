"""A folder of a commit: Git's tree object. Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""

from __future__ import annotations

from checks.evidence.commit import damaged

FOLDER, SUBMODULE, LINK = 0o040000, 0o160000, 0o120000
FILE, EXECUTABLE = 0o100644, 0o100755
PLAIN_FILES = frozenset({FILE, EXECUTABLE})
_TYPE = 0o170000
_NAME_BYTES = 255
_ID_BYTES = 20
_FORBIDDEN = frozenset("/\\\0")

Listing = dict[str, tuple[str, int]]
"""The names in a folder in Git's order, each with an object's id and one of the five modes above."""


def parse_listing(tree: str, data: bytes) -> Listing:
    """The folder in a tree object's content. Raises Failure where it is none, or holds a name that Git allows nowhere.

    Git refuses such names when it checks a tree out; a tree made by hand can hold them all the same.
    """
    listing: Listing = {}
    at, end = 0, len(data)
    while at < end:
        space = data.find(b" ", at, at + 8)
        nul = data.find(b"\0", space)
        following = nul + 1 + _ID_BYTES
        digits = data[at:space]
        if space < 0 or nul < 0 or following > end or not digits.isdigit() or set(digits) & set(b"89"):
            raise damaged(tree, "a folder that ends within an entry")
        if nul - space - 1 > _NAME_BYTES:
            raise damaged(tree, f"a file name of {nul - space - 1:,} bytes")
        name = data[space + 1 : nul].decode("utf-8", "surrogateescape")
        if name in {"", ".", ".."} or name.lower() == ".git" or not _FORBIDDEN.isdisjoint(name):
            raise damaged(tree, f"a file named {name!r}, which Git allows nowhere")
        if name in listing:
            raise damaged(tree, f"two files named {name!r}")
        listing[name] = data[nul + 1 : following].hex(), _mode(int(digits, 8))
        at = following
    return listing


def _mode(mode: int) -> int:
    """The mode that Git takes it for: old tools wrote others of the same kind."""
    kind = mode & _TYPE
    if kind in {FOLDER, SUBMODULE, LINK}:
        return kind
    return EXECUTABLE if mode & 0o111 else FILE
