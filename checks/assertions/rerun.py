"""The commands that run a pipeline again and commit what it left, in the learner's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.once import once
from checks.evidence.dvc.committed import PIPELINE, lock_of

if TYPE_CHECKING:
    from checks.core.workspace import Workspace


def rerun(work: Workspace, message: str = "Run the pipeline", *, force: bool = False) -> str:
    """`dvc repro`, and a commit of everything that changed and of what the pipeline leaves to Git for the first time."""
    return expect.commands(f"dvc repro{' --force' if force else ''}{target(work)}", commit(work, message))


def commit(work: Workspace, message: str) -> str:
    """The commands that commit what a run changed."""
    new = _new(work)
    return expect.commands("git add -u .", f"git add {new}" if new else None, f'git commit -m "{message}"')


@once
def _new(work: Workspace) -> str:
    """What the pipeline leaves to Git and Git does not have yet."""
    committed = work.dvc.pipelines(work.snapshot)
    left = [lock_of(pipeline.path) for pipeline in committed.pipelines if pipeline.stages]
    left += [out.path for stage in committed.stages.values() for out in stage.outputs if not out.cached]
    snapshot = work.snapshot
    return " ".join(work.shown(path) for path in left if snapshot.id(path) is None and not snapshot.ignores(path))


def target(work: Workspace) -> str:
    """What `dvc repro` must be told in the task folder: nothing, or the `dvc.yaml` that lies deeper."""
    pipelines = work.dvc.pipelines(work.snapshot).pipelines
    nearest = pipelines[0].path if pipelines else work.path(PIPELINE)
    return "" if nearest == work.path(PIPELINE) else f" {work.shown(nearest)}"
