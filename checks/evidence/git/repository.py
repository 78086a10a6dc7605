"""A Git repository's commits, files and tags, read without Git.

The repository's configuration, hooks, attributes and alternates are never read, so nothing in them can have an effect.
Formats: https://git-scm.com/docs/gitrepository-layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from checks import limits
from checks.evidence.files import Files, Kind
from checks.evidence.git.objects import Commit, Objects
from checks.evidence.git.references import References
from checks.evidence.git.snapshot import Snapshot
from checks.expect import Malformed


class Git:
    """One repository, found at the root of `files` (a clone) or being it (a bare repository).

    With `branch`, a reference's full name, only that branch is looked at: it is one of many in the repository.
    Raises Malformed where there is no repository, or where its object store is not plain files.
    """

    def __init__(self, files: Files, branch: str | None = None) -> None:
        self._one_of_many = branch
        self.folder = _find(files)
        self.references = References(files, self.folder)
        objects = f"{self.folder}/objects" if self.folder else "objects"
        _need_plain_objects(files, objects)
        self._objects = Objects(str(files.root / objects))
        self._shallow = self.references.shallow()

    @cached_property
    def branch(self) -> str:
        """The branch that holds the learner's work: `solution/...` where there is one, else the current one."""
        return self._one_of_many or self.references.branch()

    @cached_property
    def tip(self) -> Commit | None:
        """The last commit of the branch, or None where nothing was committed."""
        target = self.references.all.get(self.branch)
        return self.commit(target) if target else None

    def commit(self, commit_id: str) -> Commit:
        """The commit with this id of 40 digits."""
        commit = self._objects.commit(commit_id)
        return replace(commit, parents=()) if commit_id in self._shallow else commit

    @property
    def history(self) -> tuple[Commit, ...]:
        """Every commit of the branch, each after its parents: the oldest first."""
        if isinstance(self._history, Malformed):
            raise self._history
        return self._history

    @cached_property
    def _history(self) -> tuple[Commit, ...] | Malformed:
        """The same, or why it can't be read: nobody walks a damaged history twice."""
        try:
            return tuple(self._walk(self.tip.id)) if self.tip else ()
        except Malformed as malformed:
            return malformed

    def _walk(self, tip: str) -> Iterator[Commit]:
        seen: dict[str, Commit] = {}
        waiting = [(tip, False)]
        while waiting:
            commit_id, parents_done = waiting.pop()
            if parents_done:
                yield seen[commit_id]
                continue
            if commit_id in seen:
                continue
            if len(seen) == limits.COMMITS:
                raise Malformed(f".git: the history of commit {tip[:7]}", f"more than {limits.COMMITS:,} commits")
            commit = seen[commit_id] = self.commit(commit_id)
            waiting.append((commit_id, True))
            waiting.extend((parent, False) for parent in commit.parents if parent not in seen)

    def changes(self, path: str) -> Iterator[tuple[Commit, str | None]]:
        """The commits of the branch, the oldest first, that have something else at `path` than the one before them.

        Each with the id of what it has there, or None.
        """
        before = top_before = None
        for commit in self.history:
            top = self._objects.entry(commit.tree, path.partition("/")[0])
            if top == top_before:
                continue  # as most commits of a course: nothing below it is another
            top_before, entry = top, self._objects.entry(commit.tree, path)
            there = entry and entry[0]
            if there != before:
                yield commit, there
                before = there

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The ids of the branch's commits."""
        return frozenset(commit.id for commit in self.history)

    @cached_property
    def tags(self) -> dict[str, str]:
        """Each tag's name and the id of the commit that it marks, annotated or not.

        Of a branch among many, those on it: the others are of other learners.
        """
        tags: dict[str, str] = {}
        for name, target in self.references.below("refs/tags/").items():
            found = self._objects.chain(target)
            if found and (self._one_of_many is None or found[-1] in self.reachable):
                tags[name] = found[-1]
        return tags

    def at(self, commit: Commit) -> Snapshot:
        """The files of one commit."""
        return Snapshot(self._objects, commit)

    def objects_of(self, commits: Iterable[Commit], tags: Iterable[str] = ()) -> Iterator[tuple[str, int]]:
        """All that a clone of these commits and tags holds, each object once: its id, and its size in bytes, unpacked.

        `tags` are the ids of what tags name: an annotated tag is an object too.
        """
        named = (name for target in tags for name in self._objects.chain(target)[:-1])
        for name in chain(dict.fromkeys(named), self._objects.below(commits)):
            yield name, self._objects.size(name)

    def write_pack(self, ids: Iterable[str], folder: Path) -> Path:
        """Write these objects as one pack with its index into a folder: the same bytes each time. The pack's path."""
        return self._objects.write_pack(ids, folder)


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
    raise Malformed(".git", found)


def _need_plain_objects(files: Files, folder: str) -> None:
    """Refuse an object store with links, pipes or giants in it: libgit2 would follow, wait for or load them."""
    if not files.is_plain_folder(folder):
        kind = files.kind(folder)
        raise Malformed(folder, str(Kind.LINK if kind is Kind.FOLDER else kind))
    count = 0
    for place in files.entries(folder):
        name = place.name
        if len(name) != 2 and name != "pack":
            continue
        if place.kind is not Kind.FOLDER:
            raise Malformed(f"{folder}/{name}", str(place.kind))
        for entry in files.entries(f"{folder}/{name}"):
            count += 1
            if entry.kind is not Kind.FILE:
                raise Malformed(f"{folder}/{name}/{entry.name}", str(entry.kind))
            if len(name) == 2 and entry.size > limits.LOOSE_OBJECT_BYTES:
                raise Malformed(f"{folder}/{name}/{entry.name}", f"{entry.size:,} bytes in one object")
            if count > limits.LOOSE_OBJECTS:
                raise Malformed(folder, f"more than {limits.LOOSE_OBJECTS:,} objects")
