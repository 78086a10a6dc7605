"""The runs of the experiment, and the one run that all steps are about."""

from __future__ import annotations

from collections.abc import Callable

from checks import Failure, Unavailable, Workspace, expect
from checks.assertions.once import once
from checks.assertions.store import finished_runs, label, listed, tracking
from checks.evidence.mlflow.entities import Run

from .fixes import EXPERIMENT, SCRIPT, another_run

RUNS = 100
"""So many of the newest finished runs are looked at."""
DEFAULT = "Default"
"""The experiment of runs that name none."""
_TYPED = 5
Aspect = Callable[[Workspace, Run], object]


def named_and_finished(work: Workspace) -> None:
    """The experiment has a finished run with a name."""
    fix = another_run(work, "experiment")
    store = tracking(work, fix=fix)
    named = store.experiment(EXPERIMENT)
    if named is None:
        deleted = next((one for one in store.experiments if one.name == EXPERIMENT and not one.active), None)
        others = [one.name for one in store.experiments if one.name not in (EXPERIMENT, DEFAULT)]
        expect.fail(
            looked_at=f"the experiments in {store.place}",
            expected=f"the experiment {EXPERIMENT}",
            found="it was deleted" if deleted else listed(others, "no experiment but Default"),
            fix=f"mlflow experiments restore --experiment-id {deleted.id}" if deleted else fix,
        )
    runs = store.runs_of(named)
    broken = runs and all(run.status == "FAILED" for run in runs)
    mend = f"(mend what {SCRIPT} ended with: its last lines say what)"
    expect.that(
        any(run.name for run in newest(work)),
        looked_at=f"the runs of {EXPERIMENT} in {store.place}",
        expected="a finished run with a name",
        found=listed((f"{label(run)} {run.status}" for run in runs), "no run"),
        fix=(lambda: expect.commands(mend, another_run(work))) if broken else fix,
    )


def nothing_in_default(work: Workspace) -> None:
    """No run is in the experiment `Default`, where runs without an experiment end up."""
    store = tracking(work, fix=another_run(work))
    default = store.experiment(DEFAULT)
    stray = store.runs_of(default) if default else ()
    expect.that(
        not stray,
        looked_at=f"the experiment Default in {store.place}",
        expected="no run: what is there was logged without a name for its experiment",
        found=listed(label(run) for run in stray),
        fix=expect.commands(
            *(f"mlflow runs delete --run-id {run.id}" for run in stray[:_TYPED]),
            "(and so on, or all at once in the UI: mlflow ui)" if len(stray) > _TYPED else None,
        ),
    )


def newest(work: Workspace) -> list[Run]:
    """The finished runs that are looked at, the newest first."""
    return finished_runs(tracking(work, fix=another_run(work)), EXPERIMENT)[:RUNS]


@once
def judged(work: Workspace, aspects: tuple[Aspect, ...]) -> Run:
    """The run that shows the most of what the steps ask for; the newest of these."""
    runs = newest(work)
    chosen, most = runs[0], -1
    for run in runs:
        held = sum(_holds(aspect, work, run) for aspect in aspects)
        if held > most:
            chosen, most = run, held
        if most == len(aspects):
            break
    return chosen


def _holds(aspect: Aspect, work: Workspace, run: Run) -> bool:
    try:
        aspect(work, run)
    except (Failure, Unavailable):
        return False
    return True
