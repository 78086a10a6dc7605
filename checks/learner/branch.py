"""The learner's branch: `solution/<slug of the id>`, made from the commit that the clone is at."""

from __future__ import annotations

from pathlib import Path

import pygit2

from checks.core.learner import slug
from checks.evidence.git.references import SOLUTION
from checks.learner.not_a_clone import NotAClone


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
