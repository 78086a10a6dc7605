"""A run that a rebuild made, held against the run that it should be."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.mlflow import label, listed
from checks.assertions.remade import same

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.entities import Run


FRESH = """\
rm -rf mlflow.db mlruns ../../mlflow.db ../../mlruns
export MLFLOW_HTTP_REQUEST_MAX_RETRIES=1
"""
"""A store that was committed is none of a rebuild's; and nobody waits for a server that a sandbox can't reach."""


def finished_runs(work: Workspace, experiment: str) -> list[Run]:
    """The finished runs of an experiment, the newest first."""
    found = work.mlflow.experiment(experiment)
    runs = work.mlflow.runs_of(found) if found else ()
    return sorted((run for run in runs if run.status == "FINISHED"), key=lambda run: run.start or 0, reverse=True)


def counterpart(work: Workspace, experiment: str, run: Run) -> Run | None:
    """The run of a rebuild that is most like `run`: by the metrics that it has, by its parameters; the newest of these."""

    def likeness(other: Run) -> tuple[int, int]:
        return len(run.metrics.keys() & other.metrics.keys()), len(run.params.items() & other.params.items())

    return max(finished_runs(work, experiment), key=likeness, default=None)


def same_choices(run: Run, made: Run, errors: Collection[str], *, script: str, fix: str) -> None:
    """Where a rebuild has other errors, it is not because other parameters were chosen than the commit has."""
    other = [name for name in run.params if made.params.get(name) != run.params[name]]
    moved = [name for name in errors if name not in made.metrics or not same(run.metrics[name], made.metrics[name])]
    expect.that(
        not other or not moved,
        looked_at=f"the parameters of {label(run)}, and of a rebuild from its commit",
        expected=f"the same: {script} was committed as it ran",
        found=listed(
            f"{name} {run.params[name][:40]}, the rebuild {made.params.get(name, 'none')[:40]}" for name in other
        )
        + f"; and another {moved[0] if moved else ''}",
        fix=fix,
    )


def same_curve(run: Run, made: Run, steps: int, *, fix: str) -> None:
    """A learning curve of the run is the same in the rebuild: one metric with `steps` or more steps."""
    curves = {name: {point.step: point.value for point in points} for name, points in run.history.items()}
    again = {name: {point.step: point.value for point in points} for name, points in made.history.items()}
    long = {name: curve for name, curve in curves.items() if len(set(curve.values())) > 1 and len(curve) >= steps}
    if any(
        curve.keys() == (other := again.get(name, {})).keys() and all(same(curve[at], other[at]) for at in curve)
        for name, curve in long.items()
    ):
        return
    name = max(long, key=lambda name: len(long[name]))
    curve, other = long[name], again.get(name, {})
    at = next((step for step in curve if step not in other or not same(curve[step], other[step])), None)
    expect.fail(
        looked_at=f"the learning curve {name} of {label(run)}, and of a rebuild",
        expected="the same values",
        found=f"{len(curve)} steps, the rebuild {len(other)}"
        if at is None
        else f"{curve[at]:.6g} at step {at}, the rebuild {f'{other[at]:.6g}' if at in other else 'nothing'}",
        fix=fix,
    )


def computed(run: Run, other: Run, names: Collection[str], *, script: str, fix: str) -> None:
    """A run with data from which nothing can be learned has other errors."""
    typed = [name for name in names if name in other.metrics and same(run.metrics[name], other.metrics[name])]
    expect.that(
        not typed,
        looked_at=f"{script}, run once more with the rentals dealt to other hours",
        expected=f"other errors than those of {label(run)}: nothing can be learned from such data",
        found=f"again {', '.join(f'{name} {run.metrics[name]:.6g}' for name in typed)}: typed in, and not computed",
        fix=fix,
    )
