"""The objects of one Git repository, each by its id, its kind and size known before it is read.

libgit2 reads them, through a repository that is in memory alone and has nothing but the two stores of an `objects`
folder: packs and loose objects. It holds each content against its id. Format:
https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pygit2
from pygit2.enums import FileMode, ObjectType

from checks import limits
from checks.expect import Malformed

T = TypeVar("T", pygit2.Commit, pygit2.Tree, pygit2.Blob, pygit2.Tag)
Listing = dict[str, tuple[str, int]]
"""The names in a folder in Git's order, each with an object's id and its mode, one of the five of `FileMode`."""

PLAIN_FILES = frozenset({FileMode.BLOB, FileMode.BLOB_EXECUTABLE})
_TAG_CHAIN = 8
_NAME_BYTES = 255
_PATH_LENGTH = 4096
_SHORT = 7


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `time` is the committer's, `authored` the author's, in seconds since 1970."""

    id: str
    tree: str
    parents: tuple[str, ...]
    time: int
    authored: int
    subject: str

    @property
    def short(self) -> str:
        """The id as `git log --oneline` shows it."""
        return self.id[:_SHORT]


class Objects:
    """The objects below one `objects` folder, and none of its alternates.

    Everything here raises Malformed where an object is missing, damaged, of another kind or too large.
    """

    def __init__(self, folder: str) -> None:
        self._odb = pygit2.Odb()
        self._odb.add_backend(pygit2.OdbBackendPack(folder), 2)
        self._odb.add_backend(pygit2.OdbBackendLoose(folder, -1, False, 0, 0), 1)
        self._repository = pygit2.Repository()
        self._repository.set_odb(self._odb)
        self._trees: dict[str, pygit2.Tree] = {}
        self._listings: dict[str, Listing] = {}
        self._entries: dict[tuple[str, str], tuple[str, int] | None] = {}

    def size(self, object_id: str) -> int:
        """The size of an object in bytes, unpacked."""
        return self._header(object_id)[1]

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        found = self._read(commit_id, pygit2.Commit, limits.COMMIT_BYTES)
        return Commit(
            id=commit_id,
            tree=str(found.tree_id),
            parents=tuple(map(str, found.parent_ids)),
            time=found.commit_time,
            authored=found.author.time,
            subject=found.raw_message.lstrip(b"\n").partition(b"\n")[0].decode("utf-8", "replace"),
        )

    def chain(self, object_id: str) -> list[str]:
        """The ids of an annotated tag and of what it marks in turn, down to a commit; empty where it marks none."""
        chain = [object_id]
        for _ in range(_TAG_CHAIN):
            kind, _size = self._header(chain[-1])
            if kind == ObjectType.COMMIT:
                return chain
            if kind != ObjectType.TAG:
                break
            chain.append(str(self._read(chain[-1], pygit2.Tag, limits.TEXT_BYTES).target))
        return []

    def blob(self, blob: str, limit: int) -> bytes:
        """A file's bytes, at most `limit`."""
        return self._read(blob, pygit2.Blob, limit).data

    def listing(self, tree: str) -> Listing:
        """The folder with this id. It is shared: nobody changes it."""
        if tree not in self._listings:
            self._listings[tree] = _listing(tree, self._tree(tree))
        return self._listings[tree]

    def entry(self, tree: str, path: str) -> tuple[str, int] | None:
        """The id and the mode of what is at `path` below a folder, or None where nothing is there."""
        if (tree, path) not in self._entries:
            name, slash, rest = path.partition("/")
            found = self.entry(tree, name) if slash else _child(self._tree(tree), name)
            if found is not None and slash:  # the part of the path below: commits that left it alone share it
                found = self.entry(found[0], rest) if found[1] == FileMode.TREE else None
            self._entries[tree, path] = found
        return self._entries[tree, path]

    def files(self, tree: str, ending: str = "") -> Iterator[tuple[str, str]]:
        """The path of each plain file below a folder whose name ends in `ending`, in Git's order, and its content's id.

        Raises Malformed where there are more than anybody looks through.
        """
        count = 0
        waiting = [("", tree, int(FileMode.TREE))]
        while waiting:
            path, child, mode = waiting.pop()
            if mode in PLAIN_FILES and path.endswith(ending):
                yield path, child
            if mode != FileMode.TREE:
                continue
            listing = self.listing(child)
            count += len(listing)
            if count > limits.TREE_ENTRIES:
                raise Malformed(f".git: folder {tree}", f"more than {limits.TREE_ENTRIES:,} files in one commit")
            start = f"{path}/" if path else ""
            if len(start) > _PATH_LENGTH:
                raise damaged(child, f"a path of more than {_PATH_LENGTH:,} letters")
            waiting.extend((start + name, *entry) for name, entry in reversed(listing.items()))

    def below(self, commits: Iterable[Commit]) -> Iterator[str]:
        """The ids of commits, of their folders and of what those hold, submodules left out, each once."""
        seen: set[str] = set()
        for commit in commits:
            yield commit.id
            waiting = [(commit.tree, int(FileMode.TREE))]
            while waiting:
                child, mode = waiting.pop()
                if child in seen or mode == FileMode.COMMIT:
                    continue
                seen.add(child)
                yield child
                if mode == FileMode.TREE:
                    waiting.extend(self.listing(child).values())

    def write_pack(self, ids: Iterable[str], folder: Path) -> Path:
        """Write these objects as one pack with its index into a folder: the same bytes each time. The pack's path."""
        builder = pygit2.PackBuilder(self._repository)
        builder.set_threads(1)
        try:
            for object_id in ids:
                builder.add(pygit2.Oid(hex=object_id))
            builder.write(str(folder))
        except (pygit2.GitError, KeyError) as error:
            raise Malformed(".git", f"objects that can't be packed: {error}") from None
        return next(folder.glob("*.pack"))

    def _tree(self, tree: str) -> pygit2.Tree:
        if tree not in self._trees:
            self._trees[tree] = self._read(tree, pygit2.Tree, limits.LISTING_BYTES)
        return self._trees[tree]

    def _header(self, object_id: str) -> tuple[int, int]:
        """An object's kind, and its size in bytes."""
        try:
            kind, size = self._odb.read_header(pygit2.Oid(hex=object_id))
        except KeyError:
            raise damaged(object_id, "no such object") from None
        except (pygit2.GitError, ValueError) as error:
            raise damaged(object_id, str(error)) from None
        return kind, size

    def _read(self, object_id: str, kind: type[T], limit: int) -> T:
        _, size = self._header(object_id)
        if size > limit:
            raise damaged(object_id, f"{size:,} bytes, more than the {limit:,} that are read")
        try:
            found = self._repository[object_id]
        except (pygit2.GitError, KeyError, ValueError) as error:
            raise damaged(object_id, str(error).strip("'\"").removeprefix(f"{object_id}: ")) from None
        if not isinstance(found, kind):
            raise damaged(object_id, f"an object of another kind than a {kind.__name__.lower()}")
        return found


def damaged(object_id: str, what: str) -> Malformed:
    """The error of a Git object that can't be read as what it should be."""
    return Malformed(f"Git object {object_id}", what)


def _child(folder: pygit2.Tree, name: str) -> tuple[str, int] | None:
    try:
        raw = name.encode("utf-8", "surrogateescape")
        found = folder[name] if name.isascii() else next(entry for entry in folder if entry.raw_name == raw)
    except (KeyError, ValueError, StopIteration):  # nothing, or no name at all
        return None
    return str(found.id), int(found.filemode or 0)


def _listing(tree: str, found: pygit2.Tree) -> Listing:
    """The entries of a folder. Git refuses some names when it checks a folder out; one made by hand can hold them."""
    listing: Listing = {}
    for entry in found:
        name = (entry.raw_name or b"").decode("utf-8", "surrogateescape")
        if name.lower() in ("", ".", "..", ".git") or "/" in name or "\\" in name:
            raise damaged(tree, f"a file named {name!r}, which Git allows nowhere")
        if len(name) > _NAME_BYTES or len(entry.raw_name or b"") > _NAME_BYTES:
            raise damaged(tree, f"a file name of {len(entry.raw_name or b''):,} bytes")
        if name in listing:
            raise damaged(tree, f"two files named {name!r}")
        listing[name] = (str(entry.id), int(entry.filemode))
    return listing
