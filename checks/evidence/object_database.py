"""The objects of one Git repository, each by its id, its kind and size known before it is read.

libgit2 holds each content against its id. So an id stands for one content everywhere, and what was read of one
repository is remembered for all that hold the same id: the commits of a course are in each of its clones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import pygit2
from pygit2.enums import ObjectType

from checks import limits
from checks.evidence.commit import Commit, damaged, parse_commit
from checks.evidence.listing import Listing, parse_listing

T = TypeVar("T")

_COMMIT_BYTES = 64 << 10


class _Known(Generic[T]):
    """What the latest objects of a kind say, by their ids; all are forgotten where there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[str, T] = {}

    def get(self, object_id: str) -> T | None:
        return self._found.get(object_id)

    def add(self, object_id: str, value: T) -> T:
        if len(self._found) >= self._most:
            self._found.clear()
        self._found[object_id] = value
        return value


_COMMITS: _Known[Commit] = _Known(limits.KNOWN_OBJECTS)
_LISTINGS: _Known[Listing] = _Known(limits.KNOWN_OBJECTS)
_BLOBS: _Known[bytes] = _Known(limits.KNOWN_BLOBS)


class ObjectDatabase:
    """The objects below one `objects` folder: its packs and its loose objects, and no alternates.

    Everything here raises Failure where an object is missing, damaged, of another kind or too large.
    """

    def __init__(self, folder: str) -> None:
        self._odb = pygit2.Odb()
        self._odb.add_backend(pygit2.OdbBackendPack(folder), 1)
        self._odb.add_backend(pygit2.OdbBackendLoose(folder, -1, False, 0, 0), 2)
        self._here: set[str] = set()
        self._listings: dict[str, Listing] = {}

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        return self._parsed(_COMMITS, commit_id, ObjectType.COMMIT, _COMMIT_BYTES, parse_commit)

    def listing(self, tree: str) -> Listing:
        """The folder with this id. It is shared: nobody changes it."""
        found = self._listings.get(tree)
        if found is None:
            found = self._parsed(_LISTINGS, tree, ObjectType.TREE, limits.LISTING_BYTES, parse_listing)
            self._listings[tree] = found
        return found

    def blob(self, blob: str, limit: int) -> bytes:
        """A file's bytes, at most `limit`."""
        known = _BLOBS.get(blob)
        if known is None or len(known) > limit or not self._has(blob):
            known = self.content(blob, ObjectType.BLOB, limit)
            if len(known) <= limits.KNOWN_BLOB_BYTES:
                _BLOBS.add(blob, known)
        return known

    def content(self, object_id: str, kind: ObjectType, limit: int) -> bytes:
        """What Git stores under an id."""
        found, size = self.header(object_id)
        if found != kind:
            raise damaged(object_id, f"an object of another kind than a {kind.name.lower()}")
        if size > limit:
            raise damaged(object_id, f"{size:,} bytes, more than the {limit:,} that are read")
        try:
            loaded, data = self._odb.read(pygit2.Oid(hex=object_id))
        except (pygit2.GitError, KeyError, ValueError) as error:
            raise damaged(object_id, str(error).strip("'\"").removeprefix(f"{object_id}: ")) from None
        if loaded != kind:
            raise damaged(object_id, "an object that changes its kind")
        return bytes(data)

    def header(self, object_id: str) -> tuple[int, int]:
        """An object's kind and its size in bytes."""
        try:
            kind, size = self._odb.read_header(pygit2.Oid(hex=object_id))
        except KeyError:
            raise damaged(object_id, "no such object") from None
        except (pygit2.GitError, ValueError) as error:
            raise damaged(object_id, str(error)) from None
        return kind, size

    def _parsed(
        self, known: _Known[T], object_id: str, kind: ObjectType, limit: int, parse: Callable[[str, bytes], T]
    ) -> T:
        value = known.get(object_id)
        if value is None or not self._has(object_id):
            value = known.add(object_id, parse(object_id, self.content(object_id, kind, limit)))
            self._here.add(object_id)
        return value

    def _has(self, object_id: str) -> bool:
        """Whether the repository has an object of this id."""
        if object_id not in self._here:
            if object_id not in self._odb:
                return False
            self._here.add(object_id)
        return True
