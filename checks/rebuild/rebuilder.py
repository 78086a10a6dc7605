"""Rebuilding for checkers: the recipes, on one workspace, with a learner's words for what goes wrong."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.files import FileHash
from checks.expect import Failure
from checks.rebuild.dvc import pull
from checks.rebuild.sandbox import Sandbox, SandboxError

if TYPE_CHECKING:
    from checks.evidence.git import Commit, Snapshot
    from checks.workspace import Workspace


@dataclass(frozen=True)
class Rebuilder:
    """Makes things again in one sandbox."""

    sandbox: Sandbox

    def dvc_pull(self, work: Workspace, commit: Commit, remote: str, path: str) -> FileHash:
        """The file at `path` of the task folder after `dvc pull` in a fresh clone of `commit`.

        `remote` is the folder of the submission that is its DVC remote. Raises Failure where the file does not come
        back, and SandboxError where the sandbox, and not the work, is the reason.
        """
        root = work.files.root
        storage = Path(os.path.realpath(root / remote))
        if not storage.is_relative_to(os.path.realpath(root)):
            raise Failure(
                looked_at=work.shown(remote),
                expected="a folder in your clone",
                found="a link that leads out of it",
                fix="make the remote a plain folder, then: dvc push",
            )
        pulled = pull(
            self.sandbox,
            commit_tree=lambda folder: _lay_out(work, commit, folder),
            task_folder=work.folder,
            outputs=[path],
            storage=storage,
            storage_at=remote,
        )
        if pulled.run.ended == "killed":
            raise SandboxError(f"dvc pull was killed: {pulled.run.last_lines(3)}")
        found = pulled.files[path]
        if found is None:
            raise Failure(
                looked_at=f"`dvc pull` in a fresh clone of commit {commit.short}",
                expected=path,
                found=f"no such file; DVC said:\n{pulled.run.last_lines(6)}",
                fix="dvc push",
            )
        return found


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
