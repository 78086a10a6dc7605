"""The MLflow store, for every task that tracks: found or explained, its finished runs, and runs in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from checks import expect
from checks.expect import Failure, Fix

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.entities import Run
    from checks.evidence.mlflow.tracking import Tracking

NEW_STORE = """\
rm -rf mlflow.db mlruns ../../mlflow.db ../../mlruns
export MLFLOW_HTTP_REQUEST_MAX_RETRIES=1
"""
"""Begins the commands of a rebuild: a committed store is not its own, and nobody waits for a server out of reach."""
_SHOWN = 5


def tracking(work: Workspace, *, fix: Fix) -> Tracking:
    """The store of a workspace. Raises Failure where there is none or it can't be read: `fix` makes one."""
    try:
        store = work.mlflow
    except Failure as failure:
        if "-journal" in failure.found:
            # Whatever opens the store next ends what a program began that was stopped while it wrote.
            raise failure.mended_by("mlflow experiments search") from None
        there = work.files.is_file(work.path("mlflow.db"))
        raise failure.mended_by(expect.commands("mv mlflow.db mlflow.db.old" if there else None, fix)) from None
    expect.that(
        store.exists,
        looked_at=store.place,
        expected="a store that MLflow wrote when your code ran",
        found="nothing was tracked here yet",
        fix=fix,
    )
    return store


def finished_runs(store: Tracking, experiment: str) -> list[Run]:
    """The finished runs of an experiment, the newest first."""
    found = store.experiment(experiment)
    runs = store.runs_of(found) if found else ()
    return sorted((run for run in runs if run.status == "FINISHED"), key=lambda run: run.start or 0, reverse=True)


def label(run: Run) -> str:
    """A run as the learner knows it: the beginning of its id, and its name."""
    return f'run {run.id[:8]} "{run.name}"'


def listed(words: Iterable[str], nothing: str = "nothing") -> str:
    """The first of some words, and how many more there are."""
    words = list(words)
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return (", ".join(words[:_SHOWN]) + more) or nothing
