"""The learner's own clone: who works in it, on which branch, and what is in no commit yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pygit2
from pygit2.enums import FileStatus

from checks.core.learner import LEARNER_FILE, format_learner, parse_learner, slug
from checks.evidence.git.references import SOLUTION
from checks.model import Identity

_NOTHING = FileStatus.CURRENT | FileStatus.IGNORED


class NotAClone(Exception):  # noqa: N818 - a state of the folder, told to the learner in one line
    """The folder is no Git repository with a commit, or its branch can't be changed now. The message says why."""


def read_identity(clone: Path) -> Identity | None:
    """The learner of a clone, or None where nobody started yet. Raises Failure where the file is malformed."""
    where = clone / LEARNER_FILE
    return parse_learner(where.read_bytes()) if where.is_file() else None


def keep_identity(clone: Path, learner: Identity) -> None:
    """Write `learner.toml` at the clone's root, unless it is there."""
    where = clone / LEARNER_FILE
    if not where.exists():
        where.write_bytes(format_learner(learner).encode())


def switch_to_solution(clone: Path, learner_id: str) -> tuple[str, bool]:
    """Move a clone to the learner's branch; the branch's name, and whether it was made now. Raises NotAClone."""
    try:
        repository = pygit2.Repository(str(clone))
    except pygit2.GitError:
        raise NotAClone(f"{clone} is no Git repository: clone the course with git, and work in the clone") from None
    if repository.head_is_unborn:
        raise NotAClone(f"{clone} has no commit yet: clone the course with git, and work in the clone")
    name = f"{SOLUTION}{slug(learner_id)}"
    branch = repository.branches.local.get(name)
    created = branch is None
    if branch is None:
        try:
            branch = repository.branches.local.create(name, repository[repository.head.target].peel(pygit2.Commit))
        except (pygit2.GitError, OSError) as error:  # a branch named `solution` leaves no room for `solution/...`
            raise NotAClone(f"can't make the branch {name}: {error}. Rename the branch that is in the way") from None
    if repository.head_is_detached or repository.head.name != branch.name:
        try:
            repository.checkout(branch)
        except pygit2.GitError as error:
            raise NotAClone(f"can't move to {name}: {error}. Commit your changes, then: git switch {name}") from None
    return name, created


def git_identity(clone: Path) -> tuple[str | None, str | None]:
    """The name and e-mail address that Git commits with here, as far as they are set."""
    try:
        config = pygit2.Repository(str(clone)).config
    except pygit2.GitError:
        return None, None
    name, email = (config[key] if key in config else None for key in ("user.name", "user.email"))  # noqa: SIM401 - no dict, it has no get
    return name, email


def uncommitted(clone: Path, folders: Sequence[str]) -> list[str]:
    """The paths in these folders that `git status` would name, and `learner.toml`, sorted."""
    status = pygit2.Repository(str(clone)).status(untracked_files="all", ignored=False)
    inside = (*(f"{folder}/" for folder in folders), LEARNER_FILE)
    return sorted(path for path, flags in status.items() if path.startswith(inside) and flags & ~_NOTHING)
