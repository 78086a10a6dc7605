"""One learner's work as it was handed in: its form, its files, its Git repository, who it is from."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.learner import LEARNER_FILE, parse_learner
from checks.evidence.files import Files, Kind
from checks.expect import Failure, Malformed

if TYPE_CHECKING:
    from checks.evidence.git.repository import Git
    from checks.evidence.git.snapshot import Snapshot
    from checks.model import Identity


class Form(StrEnum):
    """The form of a submission, which decides on the evidence that it can carry."""

    CLONE = "a clone"
    """Git history, working files, and files that Git ignores: caches, stores, the DVC remote."""
    FOLDER = "a folder without Git"
    """Working files, and no history."""
    BRANCH = "a branch"
    """Git history alone: a bare repository or one branch of many."""


class Clone:
    """A folder with one learner's work. Nothing in it is executed, and none of its configuration is obeyed.

    `here` says that it is the clone of whoever sits at this machine: then the machine's Docker engine, the tracking
    server that its environment names and its conda environments are part of the work. Of nobody else's.

    With `branch`, a reference's full name, `root` is a repository without a working tree (a clone's `.git`), and that
    branch of it is the work. With `repository`, the files and the repository are in two folders: `.git` is in that one.
    """

    manifest_faults: tuple[str, ...] = ()
    """Differences between an archive of `mlsd submit` and its manifest, a sentence each. None is a reason to refuse it."""

    def __init__(
        self, root: Path, *, here: bool = False, branch: str | None = None, repository: Path | None = None
    ) -> None:
        self.files = Files(root)
        self.here = here
        self._branch = branch
        self._repository = repository

    @cached_property
    def form(self) -> Form:
        """The form of this submission."""
        if self._branch:
            return Form.BRANCH
        if self._repository or self.files.kind(".git") is not Kind.MISSING:
            return Form.CLONE
        return Form.FOLDER if isinstance(self._git, Failure) else Form.BRANCH

    def rebuilt(self, root: Path) -> Clone:
        """The same repository, with the files in `root` in place of the working files: the result of a rebuild.

        It counts as a whole clone: what a branch can't carry, a rebuild has made.
        """
        made = Clone(root)
        made._git, made.form = self._git, Form.CLONE
        return made

    @cached_property
    def _git(self) -> Git | Failure:
        from checks.evidence.git.repository import Git

        try:
            return Git(Files(self._repository) if self._repository else self.files, self._branch)
        except Malformed as malformed:
            return Failure(
                looked_at=malformed.looked_at,
                expected="a Git repository: a clone with its hidden .git folder",
                found=malformed.found,
                fix="work in a clone of the course (git clone) and hand in the whole folder, .git too",
            )

    @property
    def git(self) -> Git:
        """The repository. Raises Failure where there is none that can be read."""
        if isinstance(self._git, Failure):
            raise self._git
        return self._git

    @cached_property
    def snapshot(self) -> Snapshot:
        """The files of the branch's last commit. Raises Failure where nothing was committed."""
        tip = self.git.tip
        if tip is None:
            raise Failure(
                looked_at=f"the branch {self.git.branch.removeprefix('refs/heads/')}",
                expected="a commit",
                found="none",
                fix="git commit",
            )
        return self.git.at(tip)

    @cached_property
    def learner(self) -> Identity:
        """Who the work is from: the committed `learner.toml`, or the one in the folder until it is committed.

        Raises Failure where there is none, or where it can't be read.
        """
        committed = None
        if not isinstance(self._git, Failure) and self._git.tip is not None:
            committed = self.snapshot.read(LEARNER_FILE)
        if committed is not None:
            return parse_learner(committed)
        if self.files.is_file(LEARNER_FILE):
            return parse_learner(self.files.read(LEARNER_FILE))
        raise Failure(
            looked_at=LEARNER_FILE,
            expected="who you are: the file that `mlsd start` writes",
            found="no such file",
            fix="mlsd start",
        )
