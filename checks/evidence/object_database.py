"""The objects of one Git repository, each by its id, its kind and size known before it is read.

libgit2 holds each content against its id, so that an id stands for one content everywhere. What the course's own
repository holds is read from there, once a process: its commits are in every clone of it. Never is one submission's
object taken for another's, so that a verdict does not depend on who was judged before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import pygit2
from pygit2.enums import ObjectType

from checks import limits
from checks.evidence.commit import Commit, damaged, parse_commit
from checks.evidence.listing import Listing, parse_listing

T = TypeVar("T")

_COMMIT_BYTES = 64 << 10


class ObjectDatabase:
    """The objects below one `objects` folder: its packs and its loose objects, and no alternates.

    Everything here raises Failure where an object is missing, damaged, of another kind or too large.
    """

    def __init__(self, folder: str) -> None:
        self._odb = pygit2.Odb()
        self._odb.add_backend(pygit2.OdbBackendPack(folder), 1)
        self._odb.add_backend(pygit2.OdbBackendLoose(folder, -1, False, 0, 0), 2)
        self._commits: dict[str, Commit] = {}
        self._listings: dict[str, Listing] = {}
        self._blobs: dict[str, bytes] = {}

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._odb

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        found = self._commits.get(commit_id)
        if found is None:
            found = self._commits[commit_id] = self._known(commit_id, ObjectDatabase.commit) or parse_commit(
                commit_id, self.content(commit_id, ObjectType.COMMIT, _COMMIT_BYTES)
            )
        return found

    def listing(self, tree: str) -> Listing:
        """The folder with this id. It is shared: nobody changes it."""
        found = self._listings.get(tree)
        if found is None:
            found = self._known(tree, ObjectDatabase.listing)
            if found is None:
                found = parse_listing(tree, self.content(tree, ObjectType.TREE, limits.LISTING_BYTES))
            self._listings[tree] = found
        return found

    def blob(self, blob: str, limit: int) -> bytes:
        """A file's bytes, at most `limit`."""
        found = self._blobs.get(blob)
        if found is None or len(found) > limit:
            found = self.content(blob, ObjectType.BLOB, limit)
            if len(found) <= limits.REMEMBERED_BLOB_BYTES and len(self._blobs) < limits.REMEMBERED_BLOBS:
                self._blobs[blob] = found
        return found

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

    def _known(self, object_id: str, read: Callable[[ObjectDatabase, str], T]) -> T | None:
        """What the course's own repository says, where it has this object and so has this repository."""
        course = _of_the_course()
        if course is None or course is self:
            return None
        try:
            return read(course, object_id) if object_id in course and object_id in self else None
        except ValueError:  # no id
            return None


@cache
def _of_the_course() -> ObjectDatabase | None:
    """The objects of the course's own repository, where this package lies in one."""
    folder = Path(__file__).parents[2] / ".git/objects"
    return ObjectDatabase(str(folder)) if folder.is_dir() else None
