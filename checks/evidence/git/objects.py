"""The objects of one Git repository, each by its id, its kind and size known before it is read.

libgit2 holds each content against its id, so that an id stands for one content everywhere. What the course's own
repository holds is read from there, once a process: its commits are in every clone of it. Never is one submission's
object taken for another's, so that a verdict does not depend on who was judged before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import pygit2
from pygit2.enums import ObjectType

from checks import limits
from checks.evidence.git.commit import Commit, damaged, parse_commit
from checks.evidence.git.listing import FOLDER, PLAIN_FILES, Listing, parse_listing

_COMMIT_BYTES = 64 << 10
_EMPTY_FOLDER = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree with nothing in it: Git knows it by its id, and may store it nowhere."""
_PATH_LENGTH = 4096
_ANSWERS = 1 << 15
"""How many answers about the course's own repository a process keeps: of some hundred commits, all."""


class TooManyFilesError(Exception):
    """There are more files below a folder than are looked through."""


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
        self._folders: dict[tuple[str, str], Listing] = {}
        self._blobs: dict[str, bytes] = {}
        self._shared: dict[str, ObjectDatabase | None] = {}

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._odb

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        found = self._commits.get(commit_id)
        if found is None:
            if course := self.course_with(commit_id):
                found = course.commit(commit_id)
            else:
                found = parse_commit(commit_id, self.content(commit_id, ObjectType.COMMIT, _COMMIT_BYTES))
            self._commits[commit_id] = found
        return found

    def listing(self, tree: str) -> Listing:
        """The folder with this id. It is shared: nobody changes it."""
        found = self._listings.get(tree)
        if found is None:
            if course := self.course_with(tree):
                found = course.listing(tree)
            else:
                found = parse_listing(tree, self.content(tree, ObjectType.TREE, limits.LISTING_BYTES))
            self._listings[tree] = found
        return found

    def entry(self, tree: str, path: str) -> tuple[str, int] | None:
        """The id and mode at `path` below a tree, or None where nothing is there."""
        if self.course_with(tree):
            return _entry_of_the_course(tree, path)
        end = path.rfind("/") + 1
        key = tree, path[:end]
        found = self._folders.get(key)
        if found is None:
            found = self._folders[key] = self._folder(*key)
        return found.get(path[end:])

    def _folder(self, tree: str, path: str) -> Listing:
        """The folder at `path` below a tree, with `/` behind each name; an empty one where there is none."""
        found = self.listing(tree)
        for name in path.split("/")[:-1]:
            child = found.get(name)
            if child is None or child[1] != FOLDER:
                return {}
            found = self.listing(child[0])
        return found

    def files(self, tree: str, ending: str = "") -> Iterator[tuple[str, str]]:
        """The path of each plain file below a tree whose name ends in `ending`, in Git's order, and the id of its content.

        Raises TooManyFilesError.
        """
        count = 0
        open_folders = [("", iter([("", (tree, FOLDER))]))]
        while open_folders:
            start, entries = open_folders[-1]
            entry = next(entries, None)
            if entry is None:
                open_folders.pop()
                continue
            name, (child, mode) = entry
            if mode in PLAIN_FILES and name.endswith(ending):
                yield start + name, child
            if mode != FOLDER:
                continue
            below = f"{start}{name}/" if name else ""
            if len(below) > _PATH_LENGTH:
                raise damaged(child, f"a path of more than {_PATH_LENGTH:,} letters")
            if self.course_with(child):
                found = _files_of_the_course(child, ending)
                count += len(found)
                yield from ((below + path, blob) for path, blob in found)
            else:
                listing = self.listing(child)
                count += len(listing)
                open_folders.append((below, iter(listing.items())))
            if count > limits.TREE_ENTRIES:
                raise TooManyFilesError

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
        if object_id == _EMPTY_FOLDER and kind == ObjectType.TREE:
            return b""
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

    def course_with(self, object_id: str) -> ObjectDatabase | None:
        """The course's own repository, where it has this object and so has this repository."""
        if object_id not in self._shared:
            course = the_course()
            try:
                both = course is not None and course is not self and _in_the_course(object_id) and object_id in self
            except ValueError:  # no id
                both = False
            self._shared[object_id] = course if both else None
        return self._shared[object_id]


@cache
def the_course() -> ObjectDatabase | None:
    """The objects of the course's own repository, where this package lies in one."""
    folder = Path(__file__).parents[2] / ".git/objects"
    return ObjectDatabase(str(folder)) if folder.is_dir() else None


@lru_cache(_ANSWERS)
def _in_the_course(object_id: str) -> bool:
    course = the_course()
    return course is not None and object_id in course


@lru_cache(_ANSWERS)
def _entry_of_the_course(tree: str, path: str) -> tuple[str, int] | None:
    course = the_course()
    return course.entry(tree, path) if course else None


@lru_cache(_ANSWERS)
def _files_of_the_course(tree: str, ending: str) -> tuple[tuple[str, str], ...]:
    course = the_course()
    return tuple(course.files(tree, ending)) if course else ()
