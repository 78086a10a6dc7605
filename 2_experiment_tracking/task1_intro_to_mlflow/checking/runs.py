"""The runs of the experiment, the one run that all steps are about, and how another one is made."""

from collections.abc import Callable

from checks import Failure, Unavailable, Workspace, expect
from checks.assertions.once import once
from checks.assertions.store import finished_runs, label, listed, tracking
from checks.evidence.mlflow.entities import Run

EXPERIMENT = "bike-demand"
SCRIPT = "track.py"
DATA = "data/rentals.csv"
MONTHS = 3
TARGET = "rentals"
_COMMITTED = (SCRIPT, "forecast.py", "data/.gitignore", "../../learner.toml")
_HOW = {
    "experiment": f'mlflow.set_experiment("{EXPERIMENT}"), then `with mlflow.start_run(run_name=...):` around the work',
    "params": "mlflow.log_params({**HYPERPARAMETERS, 'seed': SEED, 'test_share': TEST_SHARE})",
    "metrics": "mlflow.log_metrics(forecast.errors(test, predicted)), and mlflow.log_metric(name, value, step=...) "
    "for each point of forecast.learning_curve(model, test)",
    "artifact": "mlflow.log_figure(forecast.picture(test, predicted), 'predictions.png')",
    "model": "mlflow.sklearn.log_model(model, name='model', signature=..., input_example=...)",
    "lineage": "mlflow.log_input(mlflow.data.from_pandas(rentals, source=..., name='rentals', digest=...)), "
    f"where digest is the MD5 of {DATA}",
}
"""The line that the script needs, by step."""
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
    fix = expect.commands(
        *(f"mlflow runs delete --run-id {run.id}" for run in stray[:_TYPED]),
        "(and so on, or all at once in the UI: mlflow ui)" if len(stray) > _TYPED else None,
    )
    about = expect.Subject(f"the experiment Default in {store.place}", fix)
    found = listed(label(run) for run in stray)
    about.that(not stray, "no run: what is there was logged without a name for its experiment", found)


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


def another_run(work: Workspace, step: str | None = None) -> Callable[[], str]:
    """The commands that make another run, from a committed script that has the line for `step`."""
    lacking = f"(make sure that {SCRIPT} has this: {_HOW[step]})" if step else None
    return lambda: expect.commands(lacking, _commit_and_run(work))


@once
def _commit_and_run(work: Workspace) -> str:
    there = {shown: work.files.is_file(_path(work, shown)) for shown in _COMMITTED}
    changed = [shown for shown in _COMMITTED if there[shown] and not _is_committed(work, shown)]
    return expect.commands(
        f'git add {" ".join(changed)}\ngit commit -m "Track the forecast"' if changed else None,
        None if there[SCRIPT] else f"git restore {SCRIPT}" if _is_committed(work, SCRIPT) else "mlsd start 2.1",
        f"python {SCRIPT}",
    )


def _path(work: Workspace, shown: str) -> str:
    return shown.removeprefix("../../") if shown.startswith("../../") else work.path(shown)


def _is_committed(work: Workspace, shown: str) -> bool:
    """Whether the last commit holds the working file as it is now, or the file where there is none to work with."""
    path = _path(work, shown)
    committed = work.snapshot.read(path)
    if committed is None or not work.files.is_file(path):
        return committed is not None
    return plain(work.files.read(path)) == plain(committed)


def plain(content: bytes) -> bytes:
    """A text with the line ends of Unix."""
    return content.replace(b"\r\n", b"\n")
