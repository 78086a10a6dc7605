"""A commit of a Git repository. Format: https://git-scm.com/docs/git-cat-file, and `git cat-file -p HEAD` shows one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.expect import Failure

_ID = re.compile(rb"[0-9a-f]{40}")
_TIME = re.compile(rb"> *(-?\d{1,19}) [+-]\d{1,9}$")


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


def parse_commit(commit_id: str, data: bytes) -> Commit:
    """The commit in an object's content. Raises Failure where it is none."""
    head, _, message = data.partition(b"\n\n")
    fields = [line.partition(b" ")[::2] for line in head.split(b"\n")]
    names = dict(reversed(fields))  # the first of a name counts, as for Git
    parents = [value for name, value in fields if name == b"parent"]
    ids = [names.get(b"tree", b""), *parents]
    times = [_TIME.search(names.get(name, b"")) for name in (b"committer", b"author")]
    if not all(map(_ID.fullmatch, ids)) or None in times:
        raise damaged(commit_id, "a commit without a tree, an author or a committer")
    committed, authored = (int(time[1]) for time in times if time)
    return Commit(
        id=commit_id,
        tree=ids[0].decode(),
        parents=tuple(parent.decode() for parent in parents),
        time=committed,
        authored=authored,
        subject=message.lstrip(b"\n").partition(b"\n")[0].decode("utf-8", "replace"),
    )


def damaged(object_id: str, found: str) -> Failure:
    """What a step says of a Git object that can't be read as what it should be."""
    return Failure(
        looked_at=f"Git object {object_id}",
        expected="an intact object",
        found=found,
        fix="git fsck --full shows what is damaged; clone or fetch again (a shallow clone: git fetch --unshallow)",
    )
