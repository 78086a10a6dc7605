"""A Git repository's commits, files and tags, read without Git.

Only libgit2's object database is used, on the repository's own `objects` folder. The repository's
configuration, hooks, attributes and alternates are never read, so nothing in them can have an effect.
References are read by `references`. Formats: https://git-scm.com/docs/gitrepository-layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pygit2.enums import ObjectType

from checks import limits
from checks.evidence.files import Files, Kind
from checks.evidence.git.commit import Commit, damaged
from checks.evidence.git.history import Change, History, read_history
from checks.evidence.git.listing import FOLDER, SUBMODULE, Listing
from checks.evidence.git.objects import ObjectDatabase
from checks.evidence.git.references import References
from checks.evidence.git.snapshot import Snapshot
from checks.evidence.remembered import remembered
from checks.expect import Failure

_TAG_CHAIN = 8


class Git:
    """One repository, found at the root of `files` (a clone) or being it (a bare repository).

    With `branch`, a reference's full name, only that branch is looked at: it is one of many in the repository.
    Raises Failure where there is no repository, or where its object store is not plain files.
    """

    def __init__(self, files: Files, branch: str | None = None) -> None:
        self._one_of_many = branch
        self.folder = _find(files)
        self.references = References(files, self.folder)
        _need_plain_objects(files, self._inside("objects"))
        self._objects = ObjectDatabase(str(files.root / self._inside("objects")))
        self._shallow = self.references.shallow()

    def _inside(self, path: str) -> str:
        return f"{self.folder}/{path}" if self.folder else path

    @remembered
    def branch(self) -> str:
        """The branch that holds the learner's work: `solution/...` where there is one, else the current one."""
        return self._one_of_many or self.references.branch()

    @remembered
    def tip(self) -> Commit | None:
        """The last commit of the branch, or None where nothing was committed."""
        target = self.references.all.get(self.branch)
        return self.commit(target) if target else None

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        commit = self._objects.commit(commit_id)
        return replace(commit, parents=()) if commit_id in self._shallow else commit

    @remembered
    def _history(self) -> History | None:
        if self.tip is None:
            return None
        return read_history(self._objects, self.commit, self.tip.id, whole=not self._shallow)

    @property
    def history(self) -> tuple[Commit, ...]:
        """Every commit of the branch, each after its parents: the oldest first."""
        return self._history.commits if self._history else ()

    @property
    def above_the_course(self) -> tuple[Commit, ...] | None:
        """The commits after the course's, the oldest first; None where the branch does not go straight up from one."""
        return self._history.above_the_course if self._history else None

    def changes(self, path: str) -> tuple[Change, ...]:
        """The commits of the branch, the oldest first, that have something else at `path` than the one before them.

        Each with the id of what it has there, or None.
        """
        return self._history.changes(path) if self._history else ()

    @remembered
    def reachable(self) -> frozenset[str]:
        """The ids of the branch's commits."""
        return frozenset(commit.id for commit in self.history)

    @remembered
    def tags(self) -> dict[str, str]:
        """Each tag's name and the id of the commit that it marks, annotated or not.

        Of a branch among many, those on it: the others are of other learners.
        """
        tags: dict[str, str] = {}
        for name, target in self.references.below("refs/tags/").items():
            commit = self._peel(target)
            if commit is not None and (self._one_of_many is None or commit in self.reachable):
                tags[name] = commit
        return tags

    def at(self, commit: Commit) -> Snapshot:
        """The files of one commit."""
        return Snapshot(self, commit)

    def objects_of(self, commit: Commit) -> Iterator[tuple[str, ObjectType, bytes]]:
        """The commit, its trees and its plain files as Git stores them: what a clone of depth 1 holds, each with its id.

        Raises Failure where one is damaged, larger than what is written out, or where there are too many.
        """
        yield commit.id, ObjectType.COMMIT, self._objects.content(commit.id, ObjectType.COMMIT, limits.TEXT_BYTES)
        seen = {commit.tree}
        waiting = [commit.tree]
        left = limits.EXPORTED_COMMIT_BYTES
        while waiting:
            tree = waiting.pop()
            yield tree, ObjectType.TREE, self._objects.content(tree, ObjectType.TREE, limits.LISTING_BYTES)
            for child, mode in self.listing(tree).values():
                if child in seen or mode == SUBMODULE:
                    continue
                seen.add(child)
                if len(seen) > limits.TREE_ENTRIES:
                    raise damaged(commit.tree, f"more than {limits.TREE_ENTRIES:,} files")
                if mode == FOLDER:
                    waiting.append(child)
                    continue
                content = self._objects.content(child, ObjectType.BLOB, limits.EXPORTED_BYTES)
                left -= len(content)
                if left < 0:
                    raise damaged(commit.tree, f"more than {limits.EXPORTED_COMMIT_BYTES:,} bytes")
                yield child, ObjectType.BLOB, content

    def _peel(self, target: str) -> str | None:
        for _ in range(_TAG_CHAIN):
            kind, _size = self._objects.header(target)
            if kind == ObjectType.COMMIT:
                return target
            if kind != ObjectType.TAG:
                return None
            target = _marked(self._objects.content(target, ObjectType.TAG, limits.TEXT_BYTES))
        return None

    def entry(self, tree: str, path: str) -> tuple[str, int] | None:
        """The id and mode at `path` below a tree, or None where nothing is there."""
        return self._objects.entry(tree, path)

    def files(self, tree: str, ending: str = "") -> Iterator[tuple[str, str]]:
        """The path of each plain file below a tree whose name ends in `ending`, in Git's order, and the id of its content.

        Raises TooManyFilesError.
        """
        return self._objects.files(tree, ending)

    def listing(self, tree: str) -> Listing:
        """The names in a tree. It is shared: nobody changes it."""
        return self._objects.listing(tree)

    def blob(self, blob: str, limit: int) -> bytes:
        """A file's bytes. Raises Failure beyond `limit`."""
        return self._objects.blob(blob, limit)


def _marked(tag: bytes) -> str:
    """The id of what an annotated tag marks: its first line."""
    return tag.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")


def _find(files: Files) -> str:
    """The repository's folder below the root: `.git`, or the root itself where it is a bare repository."""
    kind = files.kind(".git")
    if kind is Kind.FOLDER and not files.is_plain_folder(".git"):
        kind = Kind.LINK
    if kind is Kind.FOLDER:
        return ".git"
    if kind is Kind.MISSING and files.is_file("HEAD") and files.is_folder("objects") and files.is_folder("refs"):
        return ""
    found = "no .git folder" if kind is Kind.MISSING else f".git is {'a file' if kind is Kind.FILE else kind}"
    raise Failure(
        looked_at=".git",
        expected="a Git repository: a clone with its hidden .git folder",
        found=found,
        fix="work in a clone of the course (git clone) and hand in the whole folder, .git too",
    )


def _need_plain_objects(files: Files, folder: str) -> None:
    """Refuse an object store with links, pipes or giants in it: libgit2 would follow, wait for or load them."""
    if not files.is_plain_folder(folder):
        kind = files.kind(folder)
        raise _no_plain_objects(folder, str(Kind.LINK if kind is Kind.FOLDER else kind))
    count = 0
    for place in files.entries(folder):
        name = place.name
        if len(name) != 2 and name != "pack":
            continue
        if place.kind is not Kind.FOLDER:
            raise _no_plain_objects(folder, f"{name}: {place.kind}")
        for entry in files.entries(f"{folder}/{name}"):
            count += 1
            too_big = len(name) == 2 and entry.size > limits.LOOSE_OBJECT_BYTES
            if entry.kind is Kind.FILE and not too_big and count <= limits.LOOSE_OBJECTS:
                continue
            found = f"{entry.name}: {entry.size:,} bytes" if too_big else f"{entry.name}: {entry.kind}"
            raise _no_plain_objects(f"{folder}/{name}", found)


def _no_plain_objects(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where,
        expected=f"Git's own objects: at most {limits.LOOSE_OBJECTS:,} plain files",
        found=found,
        fix="clone the repository again, without links to other folders",
    )
