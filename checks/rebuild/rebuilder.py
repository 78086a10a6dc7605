"""Rebuilding for checkers: the recipes, on one workspace, with a learner's words for what goes wrong."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks.core.data import months
from checks.core.workspace import Rebuilt, RebuiltImage, Script, Workspace
from checks.expect import Failure
from checks.rebuild import conda_environment
from checks.rebuild.fresh_clone import fresh_clone
from checks.rebuild.limits import DEFAULT_LIMITS, IDLE_SHARE, Limits
from checks.rebuild.sandbox import Command, Run, Sandbox, SandboxError
from checks.rebuild.tree import TooLarge

if TYPE_CHECKING:
    from checks.evidence.conda.package import Package
    from checks.evidence.git.objects import Commit


@dataclass(frozen=True)
class Rebuilder:
    """Makes things again in one sandbox. See `checks.core.workspace.Rebuild`."""

    sandbox: Sandbox
    limits: Limits = DEFAULT_LIMITS

    def __str__(self) -> str:
        return f"within {self.limits}"

    @contextmanager
    def commands(self, work: Workspace, script: Script) -> Iterator[Rebuilt]:
        """See `checks.core.workspace.Rebuild.commands`."""
        with TemporaryDirectory(prefix="mlsd-out-", ignore_cleanup_errors=True) as out:
            yield self._shell(work, script, Path(out), self.limits, read_only={})

    @contextmanager
    def environment(self, work: Workspace, packages: Sequence[Package], script: Script) -> Iterator[Rebuilt]:
        """See `checks.core.workspace.Rebuild.environment`."""
        limits = conda_environment.with_room(self.limits)
        with TemporaryDirectory(prefix="mlsd-out-", ignore_cleanup_errors=True) as out:
            with conda_environment.laid_out(packages) as folder:
                conda_environment.install_alone(self.sandbox, folder, work.folder, Path(out), limits)
                install = conda_environment.command(work.folder)
                installed = replace(script, commands=f"{install} && {script.commands}")
                read_only = {folder: conda_environment.PLACE}
                made = self._shell(work, installed, Path(out), limits, read_only=read_only)
            yield made

    @contextmanager
    def image(
        self, work: Workspace, *, data: Mapping[str, int], output: str, runs: Sequence[str]
    ) -> Iterator[RebuiltImage]:
        """See `checks.core.workspace.Rebuild.image`."""
        from checks.rebuild.image import rebuilt  # the engine's library takes its time

        with rebuilt(work, data=data, output=output, runs=runs, limits=self.limits, settle=self._settle) as made:
            yield made

    def _shell(
        self, work: Workspace, script: Script, out: Path, limits: Limits, *, read_only: Mapping[Path, str]
    ) -> Rebuilt:
        """Run a script in a fresh clone; its results come to their place below `out`."""
        commit = script.at or work.snapshot.commit
        what = f"what a rebuild of commit {commit.short} ran"
        with TemporaryDirectory(prefix="mlsd-rebuild-", ignore_cleanup_errors=True) as scratch:
            clone = Path(scratch, "clone")
            clone.mkdir()
            fresh_clone(work.git, commit, clone)
            made = {name: months(work.learner.id, last) for name, last in script.data.items()}
            for name, content in {**made, **script.files}.items():
                _write(clone, work.path(name), content, commit)
            for name, folder in script.folders.items():
                shutil.copytree(folder, clone / work.path(name), symlinks=True)
            try:
                run = self.sandbox.run(
                    Command(
                        ["sh", "-c", script.commands],
                        work=clone,
                        cwd=work.folder,
                        read_only=read_only,
                        results=[posixpath.normpath(work.path(name)) for name in script.results],
                        out=out,
                        limits=limits,
                    )
                )
            except TooLarge:
                raise _too_large(commit) from None
        self._settle(run, what)
        return Rebuilt(Workspace(work.clone.rebuilt(out), work.folder), run.last_lines(12), run.exit_code or 0)

    def _settle(self, run: Run, what: str) -> None:
        """Let a run that ended by itself pass. Raises Failure where the work is the reason, SandboxError where we are.

        A wall clock tells nothing of the work on a busy machine: who was still computing is tried again, and only who
        waited for nothing has failed.
        """
        if run.ended == "exited":
            return
        if run.ended == "killed":
            raise SandboxError(f"{what}: it was killed as this machine had no memory left")
        if run.ended == "timeout" and run.cpu_seconds >= IDLE_SHARE * run.seconds:
            raise SandboxError(
                f"{what}: after {run.seconds:.0f} seconds it was still computing ({run.cpu_seconds:.0f} seconds of "
                "processor time): this machine is too busy"
            )
        limit = {
            "timeout": f"{self.limits.wall_seconds:.0f} seconds, most of which it waited",
            "cpu": f"{self.limits.cpu_seconds} seconds of processor time",
            "memory": f"{self.limits.tree_bytes >> 20:,} MiB of memory",
            "output": f"{self.limits.output_bytes >> 10:,} KiB of output",
            "results": f"{self.limits.disk_bytes >> 20:,} MiB of files",
        }[run.ended]
        raise Failure(
            looked_at=what,
            expected=f"an end within {limit}",
            found=f"none; the last it said:\n{run.last_lines(6)}",
            fix="(let the scripts of this task take less)",
        )


def _too_large(commit: Commit) -> Failure:
    return Failure(
        looked_at=f"the files of commit {commit.short}",
        expected="a commit that a fresh clone has room for",
        found="more than the sandbox takes",
        fix="keep data and environments out of Git: .gitignore",
    )


def _write(clone: Path, path: str, content: bytes, commit: Commit) -> None:
    """Write a file over those of a commit. Raises Failure where the commit has something else in its place."""
    target = clone / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Failure(
            looked_at=f"commit {commit.short}, where a rebuild writes {path}",
            expected="folders above it, and nothing or a file there",
            found="a file in place of a folder, or a folder in place of the file",
            fix=f"(move it: git mv, then git commit; {posixpath.dirname(path)} has to be a folder)",
        ) from None
