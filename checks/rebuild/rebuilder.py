"""Rebuilding for checkers: the recipes, on one workspace, with a learner's words for what goes wrong."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.files import FileHash
from checks.expect import Failure
from checks.rebuild.dvc import pull
from checks.rebuild.sandbox import Sandbox, SandboxError
from checks.rebuild.tree import TooLarge

if TYPE_CHECKING:
    from checks.evidence.dvc.repository import Tracked
    from checks.evidence.git import Commit
    from checks.evidence.snapshot import Snapshot
    from checks.workspace import Workspace


@dataclass(frozen=True)
class Rebuilder:
    """Makes things again in one sandbox."""

    sandbox: Sandbox

    def dvc_pull(self, work: Workspace, commit: Commit, tracked: Tracked, remote: str, inner: str) -> FileHash:
        """The file at `inner` of the task folder after `dvc pull` in a fresh clone of `commit`.

        `remote` is the folder of the submission that is its DVC remote; the objects of `tracked` are copied from it,
        so that nothing of the submission itself is within reach of the sandbox. Raises Failure where the file does not
        come back, and SandboxError where the sandbox, and not the work, is the reason.
        """
        with TemporaryDirectory(prefix="mlsd-remote-") as storage:
            work.dvc.remote_store(remote).copy(tracked.output, Path(storage))
            _let_everybody_read(Path(storage))
            try:
                pulled = pull(
                    self.sandbox,
                    commit_tree=lambda folder: _lay_out(work, commit, folder),
                    task_folder=work.folder,
                    outputs=[inner],
                    storage=Path(storage),
                    storage_at=remote,
                )
            except TooLarge:
                raise Failure(
                    looked_at=f"the files of commit {commit.short}",
                    expected="a commit that a fresh clone has room for",
                    found="more than the sandbox takes",
                    fix="keep data and environments out of Git: .gitignore",
                ) from None
        if pulled.run.ended == "killed":
            raise SandboxError(f"dvc pull was killed: {pulled.run.last_lines(3)}")
        found = pulled.files[inner]
        if found is None:
            raise Failure(
                looked_at=f"`dvc pull` in a fresh clone of commit {commit.short}",
                expected=inner,
                found=f"no such file; DVC said:\n{pulled.run.last_lines(6)}",
                fix="dvc push",
            )
        return found


def _let_everybody_read(folder: Path) -> None:
    """The sandbox runs as a user of its own, who reads what everybody may read."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _lay_out(work: Workspace, commit: Commit, folder: Path) -> None:
    """The files of a commit, with the DVC configuration that the branch has now.

    A version that was tagged before the remote was added can be pulled by everybody who has the branch; its own
    commit does not name the remote yet.
    """
    export(work.git.at(commit), folder)
    path = posixpath.join(work.dvc.root(work.snapshot) or "", ".dvc/config")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(work.snapshot.read(path) or b"")


def export(snapshot: Snapshot, folder: Path) -> None:
    """Write the plain files of a commit below an empty folder. Links and submodules are left out."""
    for path in snapshot.paths():
        content = snapshot.read(path, limits.EXPORTED_BYTES)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content or b"")
