"""Changes of commits and tags: a committed file changed, the history cut, a tag gone or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import combinations
from pathlib import Path

import pygit2

from checks.selftest.mutation.content import Mutation, changes, replaced

_TAGS = "refs/tags/"


class History:
    """The learner's part of a finished clone's history: what lies between the course's commit and the tip."""

    def __init__(self, clone: Path, folder: str) -> None:
        """`folder` is the task's, from the root of the clone."""
        self._clone, self._folder = clone, folder
        self._repository = pygit2.Repository(str(clone))
        branch = self._repository.head.name
        self._branch = branch
        course = next(name for name in self._repository.references if name.startswith("refs/heads/") and name != branch)
        self._course = self._repository.references[course].peel(pygit2.Commit)
        self._tip = self._repository.head.peel(pygit2.Commit)

    def course_files(self) -> frozenset[str]:
        """The paths that the course itself has committed."""
        return frozenset(self._paths(self._course))

    def files(self) -> frozenset[str]:
        """The paths in the task's folder that the learner committed, or changed."""
        before = self._paths(self._course)
        return frozenset(
            path
            for path, blob in self._paths(self._tip).items()
            if path.startswith(f"{self._folder}/") and before.get(path) != blob
        )

    def mutations(self) -> Iterator[Mutation]:
        """Every change of the committed evidence."""
        blobs = self._paths(self._tip)
        for path in sorted(self.files()):
            blob = self._repository[blobs[path]].peel(pygit2.Blob)
            for what, changed in changes(path, blob.data):
                yield Mutation(path, what, partial(self._committed, path, changed))
        for commit in self._commits():
            first = commit.message.partition("\n")[0]
            change = f"the history ends before “{first}”"
            yield Mutation("commits", change, partial(self._pointing, self._branch, commit.parents[0].id))
        yield from self._tag_mutations()

    def _tag_mutations(self) -> Iterator[Mutation]:
        tags = sorted(name for name in self._repository.references if name.startswith(_TAGS))
        where = {name: self._repository.references[name].peel(pygit2.Commit).id for name in tags}
        for name in tags:
            artifact = f"tag {name.removeprefix(_TAGS)}"
            yield Mutation(artifact, "removed", partial(self._pointing, name, None))
            yield Mutation(artifact, "at the course's commit", partial(self._pointing, name, self._course.id))
        for one, other in combinations(tags, 2):
            artifact = f"tag {one.removeprefix(_TAGS)}"
            yield Mutation(
                artifact,
                f"swapped with {other.removeprefix(_TAGS)}",
                partial(self._pointing_both, one, where[other], other, where[one]),
            )

    def _commits(self) -> Iterator[pygit2.Commit]:
        walk = self._repository.walk(self._tip.id, pygit2.enums.SortMode.TOPOLOGICAL)
        walk.hide(self._course.id)
        return iter(list(walk))

    def _paths(self, commit: pygit2.Commit) -> dict[str, pygit2.Oid]:
        index = pygit2.Index()
        index.read_tree(commit.tree)
        return {entry.path: entry.id for entry in index}

    @contextmanager
    def _committed(self, path: str, content: bytes | None) -> Iterator[None]:
        """The tip with another content of a file, on the disk too where it lies there as it was committed."""
        index = pygit2.Index()
        index.read_tree(self._tip.tree)
        entry = index[path]
        if content is None:
            index.remove(path)
        else:
            index.add(pygit2.IndexEntry(path, self._repository.create_blob(content), entry.mode))
        tip = self._tip
        amended = self._repository.create_commit(
            None, tip.author, tip.committer, tip.message, index.write_tree(self._repository), tip.parent_ids
        )
        with ExitStack() as stack:
            stack.enter_context(self._pointing(self._branch, amended))
            if (self._clone / path).is_file():
                stack.enter_context(replaced(self._clone / path, content))
            yield

    @contextmanager
    def _pointing(self, name: str, target: pygit2.Oid | None) -> Iterator[None]:
        """A reference at another commit, or gone."""
        kept = self._repository.references[name].target
        if target is None:
            self._repository.references.delete(name)
        else:
            self._repository.references.create(name, target, force=True)
        try:
            yield
        finally:
            self._repository.references.create(name, kept, force=True)

    @contextmanager
    def _pointing_both(self, one: str, first: pygit2.Oid, other: str, second: pygit2.Oid) -> Iterator[None]:
        with self._pointing(one, first), self._pointing(other, second):
            yield
