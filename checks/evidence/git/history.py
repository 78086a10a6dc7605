"""The commits of a branch in order, and where something at a path became another one.

Most of a learner's commits are the course's: what those say is worked out once a process. It is so for a branch that
goes straight up from one of them; any other is read commit by commit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.git.objects import the_course
from checks.expect import Failure

if TYPE_CHECKING:
    from checks.evidence.git.commit import Commit
    from checks.evidence.git.objects import ObjectDatabase

Change = tuple["Commit", str | None]
"""A commit, and the id of what it has at a path: another one than the commit before it. None where nothing is there."""

_BASES = 64
"""Commits of the course on which learners of one class began, and whose histories a process keeps."""
_ANSWERS = 1 << 12
"""How many answers about the course's commits a process keeps: checkers ask about some twenty paths."""


class History:
    """Every commit of a branch, each after its parents: the oldest first."""

    def __init__(self, objects: ObjectDatabase, own: tuple[Commit, ...], base: str | None = None) -> None:
        """`own` are those after `base`, the course's commit from which the branch goes straight up; or all."""
        self._objects = objects
        self._own = own
        self._base = base
        self.commits = (*((base and _below(base)) or ()), *own)
        self.above_the_course = own if base else None
        """The commits after the course's, where the branch goes straight up from one of those."""

    def changes(self, path: str) -> tuple[Change, ...]:
        """The commits that have something else at `path` than the one before them."""
        before = _changes_below(self._base, path) if self._base else ()
        return (*before, *_changes(self._objects, self._own, path, before[-1][1] if before else None))


def read_history(objects: ObjectDatabase, read: Callable[[str], Commit], tip: str, *, whole: bool) -> History:
    """The history of the commit `tip`, of which `read` gives each commit by its id.

    `whole` says that no commit was left out of the repository, as in a shallow clone. Raises Failure where a commit
    can't be read, or where there are more than anybody looks through.
    """
    return (_above_the_course(objects, tip) if whole else None) or History(objects, _ordered(read, tip))


def _above_the_course(objects: ObjectDatabase, tip: str) -> History | None:
    own: list[Commit] = []
    commit_id = tip
    while not objects.course_with(commit_id):
        commit = objects.commit(commit_id)
        if len(commit.parents) != 1 or len(own) == limits.COMMITS:
            return None
        own.append(commit)
        commit_id = commit.parents[0]
    below = _below(commit_id)
    if below is None or len(below) + len(own) > limits.COMMITS:
        return None
    return History(objects, tuple(reversed(own)), commit_id)


def _ordered(read: Callable[[str], Commit], tip: str) -> tuple[Commit, ...]:
    ordered: list[Commit] = []
    seen: dict[str, Commit] = {}
    waiting = [(tip, False)]
    while waiting:
        commit_id, parents_done = waiting.pop()
        if parents_done:
            ordered.append(seen[commit_id])
            continue
        if commit_id in seen:
            continue
        commit = seen[commit_id] = read(commit_id)
        if len(seen) > limits.COMMITS:
            raise Failure(
                looked_at=f"the history of commit {tip[:7]}",
                expected=f"at most {limits.COMMITS:,} commits",
                found="more",
                fix="start from a fresh clone of the course",
            )
        waiting.append((commit_id, True))
        waiting.extend((parent, False) for parent in commit.parents if parent not in seen)
    return tuple(ordered)


def _changes(objects: ObjectDatabase, commits: tuple[Commit, ...], path: str, before: str | None) -> tuple[Change, ...]:
    found = []
    for commit in commits:
        entry = objects.entry(commit.tree, path)
        there = entry[0] if entry else None
        if there != before:
            found.append((commit, there))
            before = there
    return tuple(found)


@lru_cache(_BASES)
def _below(base: str) -> tuple[Commit, ...] | None:
    """The history of one of the course's commits; None where the course's repository does not hold all of it."""
    course = the_course()
    try:
        return _ordered(course.commit, base) if course else None
    except Failure:
        return None


@lru_cache(_ANSWERS)
def _changes_below(base: str, path: str) -> tuple[Change, ...]:
    course = the_course()
    return _changes(course, _below(base) or (), path, None) if course else ()
