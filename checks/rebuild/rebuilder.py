"""Rebuilding for checkers: the recipes, on one workspace, with a learner's words for what goes wrong."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks import limits
from checks.clone import Clone
from checks.course.data import months
from checks.evidence.files import FileHash
from checks.expect import Failure
from checks.rebuild.dvc import pull
from checks.rebuild.limits import DEFAULT_LIMITS
from checks.rebuild.sandbox import Sandbox, SandboxError
from checks.rebuild.tree import TooLarge
from checks.workspace import Remade, Workspace

if TYPE_CHECKING:
    from checks.evidence.dvc.repository import Tracked
    from checks.evidence.git import Commit
    from checks.evidence.snapshot import Snapshot

COMMAND_LIMITS = replace(DEFAULT_LIMITS, wall_seconds=300.0, cpu_seconds=180)
"""A learner's pipeline or script takes seconds here; importing MLflow takes most of them."""


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
                raise _too_large(commit) from None
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

    @contextmanager
    def commands(
        self, work: Workspace, script: str, data: Mapping[str, int], replaced: Mapping[str, bytes] | None = None
    ) -> Iterator[Remade]:
        """Run a shell script in the task folder of a fresh clone of the branch's last commit; see `Rebuild.commands`.

        Raises Failure where the commit does not fit into the sandbox, or where what was made does not; and
        SandboxError where the sandbox, and not the work, is the reason.
        """
        with TemporaryDirectory(prefix="mlsd-rebuild-") as scratch:
            clone, out = Path(scratch, "clone"), Path(scratch, "out")
            clone.mkdir()
            out.mkdir()
            export(work.snapshot, clone)
            files = {name: months(work.learner.id, last) for name, last in data.items()}
            for name, content in {**files, **(replaced or {})}.items():
                target = clone / work.path(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            try:
                run = self.sandbox.run(
                    ["sh", "-c", f'git init -q .\ncd -- "$1"\n{script}', "sh", work.folder],
                    work=clone,
                    results=[work.folder],
                    out=out,
                    limits=COMMAND_LIMITS,
                )
            except TooLarge:
                raise _too_large(work.snapshot.commit) from None
            if run.ended == "killed":
                raise SandboxError(f"the rebuild was killed: {run.last_lines(3)}")
            if run.ended == "results":
                raise Failure(
                    looked_at=f"what a rebuild of commit {work.snapshot.commit.short} made",
                    expected=f"at most {COMMAND_LIMITS.disk_bytes >> 20} MiB",
                    found="more",
                    fix="(let the scripts of this task write less)",
                )
            yield Remade(Workspace(Clone(out), work.folder), run.last_lines(12), run.ended)


def _too_large(commit: Commit) -> Failure:
    return Failure(
        looked_at=f"the files of commit {commit.short}",
        expected="a commit that a fresh clone has room for",
        found="more than the sandbox takes",
        fix="keep data and environments out of Git: .gitignore",
    )


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
