"""A Git repository's commits, files and tags, read without Git.

Only libgit2's object database is used, on the repository's own `objects` folder. The repository's
configuration, hooks, attributes and alternates are never read, so nothing in them can have an effect.
References are read by `references`. Formats: https://git-scm.com/docs/gitrepository-layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import pygit2
from pygit2.enums import ObjectType

from checks import limits
from checks.evidence.files import Files, Kind
from checks.evidence.references import References
from checks.evidence.remembered import remembered
from checks.evidence.snapshot import Snapshot, damaged
from checks.expect import Failure

GitObject = TypeVar("GitObject", pygit2.Commit, pygit2.Tree, pygit2.Blob, pygit2.Tag)

_TYPES = {
    pygit2.Commit: ObjectType.COMMIT,
    pygit2.Tree: ObjectType.TREE,
    pygit2.Blob: ObjectType.BLOB,
    pygit2.Tag: ObjectType.TAG,
}
_TREE, _SUBMODULE = 0o040000, 0o160000
_TAG_CHAIN = 8
_COMMIT_BYTES = 64 << 10
_NAME_BYTES = 255


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
        return self.id[:7]


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
        objects = str(files.root / self._inside("objects"))
        self._odb = pygit2.Odb()
        self._odb.add_backend(pygit2.OdbBackendPack(objects), 1)
        self._odb.add_backend(pygit2.OdbBackendLoose(objects, -1, False, 0, 0), 2)
        self._repository = pygit2.Repository()  # an in-memory one, without a path
        self._repository.set_odb(self._odb)
        self._entries: dict[tuple[str, str], tuple[str, int] | None] = {}
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
        commit = self._get(commit_id, pygit2.Commit, _COMMIT_BYTES)
        return Commit(
            id=commit_id,
            tree=str(commit.tree_id),
            parents=() if commit_id in self._shallow else tuple(map(str, commit.parent_ids)),
            time=commit.commit_time,
            authored=commit.author.time,
            subject=commit.raw_message.partition(b"\n")[0].decode("utf-8", "replace"),
        )

    @remembered
    def history(self) -> tuple[Commit, ...]:
        """Every commit of the branch, each after its parents: the oldest first."""
        if self.tip is None:
            return ()
        ordered: list[Commit] = []
        seen: dict[str, Commit] = {}
        waiting = [(self.tip.id, False)]
        while waiting:
            commit_id, parents_done = waiting.pop()
            if parents_done:
                ordered.append(seen[commit_id])
                continue
            if commit_id in seen:
                continue
            commit = seen[commit_id] = self.commit(commit_id)
            if len(seen) > limits.COMMITS:
                raise Failure(
                    looked_at=f"the history of {self.branch}",
                    expected=f"at most {limits.COMMITS:,} commits",
                    found="more",
                    fix="start from a fresh clone of the course",
                )
            waiting.append((commit_id, True))
            waiting.extend((parent, False) for parent in commit.parents if parent not in seen)
        return tuple(ordered)

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
        yield commit.id, ObjectType.COMMIT, self._get(commit.id, pygit2.Commit, _COMMIT_BYTES).read_raw()
        seen = {commit.tree}
        waiting = [commit.tree]
        left = limits.EXPORTED_COMMIT_BYTES
        while waiting:
            tree = waiting.pop()
            yield tree, ObjectType.TREE, self._get(tree, pygit2.Tree, limits.LISTING_BYTES).read_raw()
            for _name, child, mode in self.children(tree):
                if child in seen or mode == _SUBMODULE:
                    continue
                seen.add(child)
                if len(seen) > limits.TREE_ENTRIES:
                    raise damaged(commit.tree, f"more than {limits.TREE_ENTRIES:,} files")
                if mode == _TREE:
                    waiting.append(child)
                    continue
                content = self.blob(child, limits.EXPORTED_BYTES)
                left -= len(content)
                if left < 0:
                    raise damaged(commit.tree, f"more than {limits.EXPORTED_COMMIT_BYTES:,} bytes")
                yield child, ObjectType.BLOB, content

    def _peel(self, target: str) -> str | None:
        for _ in range(_TAG_CHAIN):
            kind, _size = self._header(target)
            if kind == ObjectType.COMMIT:
                return target
            if kind != ObjectType.TAG:
                return None
            target = str(self._get(target, pygit2.Tag, limits.TEXT_BYTES).target)
        return None

    def _header(self, object_id: str) -> tuple[int, int]:
        try:
            kind, size = self._odb.read_header(pygit2.Oid(hex=object_id))
        except KeyError:
            raise damaged(object_id, "no such object") from None
        except (pygit2.GitError, ValueError) as error:
            raise damaged(object_id, str(error)) from None
        return kind, size

    def _get(self, object_id: str, kind: type[GitObject], limit: int) -> GitObject:
        """An object of the kind that is asked for, its size known before it is read."""
        found, size = self._header(object_id)
        if found != _TYPES[kind]:
            raise damaged(object_id, f"an object of another kind than a {kind.__name__.lower()}")
        if size > limit:
            raise damaged(object_id, f"{size:,} bytes, more than the {limit:,} that are read")
        try:
            loaded = self._repository[pygit2.Oid(hex=object_id)]
        except (pygit2.GitError, KeyError, ValueError) as error:
            raise damaged(object_id, str(error).strip("'\"").removeprefix(f"{object_id}: ")) from None
        if not isinstance(loaded, kind):
            raise damaged(object_id, "an object that changes its kind")
        return loaded

    def entry(self, tree: str, path: str) -> tuple[str, int] | None:
        """The id and mode at `path` below a tree; remembered, as most commits share most folders."""
        key = (tree, path)
        if key not in self._entries:
            name, _, rest = path.partition("/")
            found: tuple[str, int] | None = None
            listing = self._get(tree, pygit2.Tree, limits.LISTING_BYTES)
            try:
                entry = listing[name]
                found = str(entry.id), int(entry.filemode)
            except (KeyError, ValueError, TypeError):  # none, or a name that Git can't have: empty, NUL, not Unicode
                found = None
            if found and rest:
                found = self.entry(found[0], rest) if found[1] == _TREE else None
            self._entries[key] = found
        return self._entries[key]

    def children(self, tree: str) -> list[tuple[str, str, int]]:
        """The names in a tree, each with its id and mode, in Git's order."""
        listing = self._get(tree, pygit2.Tree, limits.LISTING_BYTES)
        entries = [(_name(entry), str(entry.id), int(entry.filemode)) for entry in listing]
        for name, _id, _mode in entries:
            # Git refuses such names when it checks a tree out; a tree made by hand can hold them all the same.
            if name in {"", ".", ".."} or name.lower() == ".git" or set(name) & set("/\\\0"):
                raise damaged(tree, f"a file named {name!r}, which Git allows nowhere")
        return entries

    def blob(self, blob: str, limit: int) -> bytes:
        """A file's bytes. Raises Failure beyond `limit`."""
        return self._get(blob, pygit2.Blob, limit).data


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


def _name(entry: pygit2.Object) -> str:
    name = entry.raw_name or b""
    if len(name) > _NAME_BYTES:
        raise damaged(str(entry.id), f"a file name of {len(name):,} bytes")
    return name.decode("utf-8", "surrogateescape")


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
