"""The reference solution as a branch of a clone: made in a fresh clone elsewhere, commit by commit, and then fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pygit2

from checks.core.learner import LEARNER_FILE
from checks.learner.clone import NotAClone
from checks.selftest.build import begin, run_git, run_script

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task


def need_room(clone: Path, name: str) -> None:
    """See whether a clone can get a new branch of this name. Raises NotAClone where it can't."""
    repository = _repository(clone)
    if not pygit2.reference_is_valid_name(f"refs/heads/{name}") or name.startswith("-"):
        raise NotAClone(f"{name!r} can't be a branch's name: take one such as solution/reference")
    if name in repository.branches.local:
        raise NotAClone(
            f"there is a branch {name} already; take another name, or delete it first: git branch -D {name}"
        )
    for other in repository.branches.local:
        if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
            raise NotAClone(f"the branch {other} leaves no room for {name}; take another name")


def need_no_work(course: Course) -> None:
    """See whether the course's repository is at a commit without a learner's work. Raises NotAClone where it is not."""
    if (course.path / ".git").exists() and LEARNER_FILE in _repository(course.path).revparse_single("HEAD").peel(
        pygit2.Tree
    ):
        raise NotAClone(f"{course.path} is on a learner's branch; go to the course's own first: git switch main")


def build_branch(course: Course, tasks: Sequence[Task], clone: Path, name: str) -> Iterator[Task]:
    """Add the solution of these tasks to a clone as the new branch `name`; each task as soon as it is solved.

    The clone's working tree stays as it is. The tags of the branch stand behind its name, such as
    `solution/reference/v1.0.0`, so that several such branches have room in one repository. Raises BuildError.
    """
    with TemporaryDirectory(prefix="mlsd-branch-", ignore_cleanup_errors=True) as scratch:
        made = Path(scratch, "clone")
        begin(course, tasks, made)
        for task in tasks:
            run_script(task.path / "solution/solve.sh", made / task.folder)
            yield task
        tags = [f"+refs/tags/{tag}:refs/tags/{name}/{tag}" for tag in run_git(["tag"], made).split()]
        run_git(["fetch", "--quiet", "--no-tags", str(made), f"HEAD:refs/heads/{name}", *tags], clone)


def _repository(folder: Path) -> pygit2.Repository:
    try:
        repository = pygit2.Repository(str(folder))
    except pygit2.GitError:
        raise NotAClone(f"{folder} is no Git repository: clone the course with git, and work in the clone") from None
    if repository.head_is_unborn:
        raise NotAClone(f"{folder} has no commit yet: clone the course with git, and work in the clone")
    return repository
