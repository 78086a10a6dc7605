"""Task 2.1: does a run in MLflow's store tell what went in, what came out, and which code and data made it?"""

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import mlflow, prediction, remade, second_run
from checks.assertions.forecast_rows import rows_for
from checks.assertions.once import once
from checks.assertions.tracking_script import TrackingScript
from checks.core import data
from checks.core.workspace import Form
from checks.evidence.files import Kind
from checks.evidence.git.commit import Commit
from checks.evidence.mlflow.digest import dataset_digests
from checks.evidence.mlflow.entities import Run
from checks.evidence.mlflow.mlmodel import Model

EXPERIMENT = "bike-demand"
SCRIPT = "track.py"
COMMITTED = (SCRIPT, "forecast.py", "data/.gitignore", "../../learner.toml")
DATA = "data/rentals.csv"
MONTHS = 3
TARGET = "rentals"
CURVE_STEPS = 5
PIXELS = 200
RUNS = 100  # the newest finished runs that are looked at
ERRORS = ("rmse", "mae", "r2")
HYPERPARAMETERS = ("max_iter", "learning_rate", "max_depth")  # of the model in forecast.py

SEED = re.compile(r"seed|random_state", re.IGNORECASE)
_PART = r"(?:test|train|split|hold_?out|eval|validation|val)"
_SIZE = r"(?:share|size|fraction|frac|ratio|part|percent|percentage|pct|proportion|split)"
SHARE = re.compile(rf"{_PART}_?{_SIZE}?|{_SIZE}_?(?:of_?)?{_PART}|share|fraction|ratio", re.IGNORECASE)
OWN_OF_THE_MODEL = frozenset({"validation_fraction"})  # scikit-learn's, for early stopping: not the split's share

HOW = {
    "experiment": f'mlflow.set_experiment("{EXPERIMENT}"), then `with mlflow.start_run(run_name=...):` around the work',
    "params": "mlflow.log_params({**HYPERPARAMETERS, 'seed': SEED, 'test_share': TEST_SHARE})",
    "metrics": "mlflow.log_metrics(forecast.errors(test, predicted)), and mlflow.log_metric(name, value, step=...) "
    "for each point of forecast.learning_curve(model, test)",
    "artifact": "mlflow.log_figure(forecast.picture(test, predicted), 'predictions.png')",
    "model": "mlflow.sklearn.log_model(model, name='model', signature=..., input_example=...)",
    "lineage": "mlflow.log_input(mlflow.data.from_pandas(rentals, source=..., name='rentals', digest=...)), "
    f"where digest is the MD5 of {DATA}",
}


@step("experiment")
def test_experiment(work: Workspace) -> None:
    """The experiment has a finished run with a name, and nothing of the work is in `Default`."""
    _ = work.learner  # without an id there is no data to learn from
    work = _seen(work)
    _need_a_store(work)
    named = mlflow.experiment(work, EXPERIMENT, fix=_again(work, "experiment"))
    runs = work.mlflow.runs_of(named)
    expect.that(
        any(run.name for run in _finished(work)),
        looked_at=f"the runs of {EXPERIMENT} in {work.mlflow.place}",
        expected="a finished run with a name",
        found=mlflow.listed((f"{mlflow.label(run)} {run.status}" for run in runs), "no run"),
        fix=lambda: (
            expect.commands(f"(mend what {SCRIPT} ended with: its last lines say what)", _again(work, None))
            if runs and all(run.status == "FAILED" for run in runs)
            else _again(work, "experiment")()
        ),
    )
    mlflow.nothing_in_default(work)


@step("params")
def test_params(work: Workspace) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    work = _seen(work)
    _params(work, _judged(work))


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The errors are logged, and can be true together; and so is a learning curve."""
    work = _seen(work)
    _metrics(work, _judged(work))


@step("artifact")
def test_artifact(work: Workspace) -> None:
    """The run holds a picture."""
    work = _seen(work)
    _artifact(work, _judged(work))


@step("model")
def test_model(work: Workspace) -> None:
    """The run logged a model that says what it takes."""
    work = _seen(work)
    _model(work, _judged(work))


@step("lineage")
def test_lineage(work: Workspace) -> None:
    """The run names a commit that holds the script, and data that is this learner's own."""
    work = _seen(work)
    _lineage(work, _judged(work))


@step("truth")
def test_truth(work: Workspace) -> None:
    """The script at the run's commit gives the run's metrics again, computes them, and makes the model that was logged."""
    seen = _seen(work)
    run = _judged(seen)
    commit = mlflow.commit_of(seen, run, SCRIPT, fix=_again(seen, None))
    script = _script(work, commit, _named_months(work, run) or MONTHS)
    first = 0 if seen is work else 1  # of a branch, the run itself comes from rebuild 0
    again = _again(seen, None)()
    chance = expect.commands(f"(in {SCRIPT}: give everything that is random a seed, the split and the model)", again)
    made = script.counterpart(first, run)
    second_run.same_choices(run, made, ERRORS, script=SCRIPT, fix=again)
    remade.same_numbers(
        {name: run.metrics[name] for name in ERRORS},
        lambda once_more: script.counterpart(first + once_more, run).metrics,
        where=mlflow.label(run),
        script=SCRIPT,
        mend_chance=chance,
        mend_other=again,
    )
    second_run.same_curve(run, made, CURVE_STEPS, fix=again)
    script.computes(run, ERRORS, fix=_again(seen, "metrics")())
    _same_model(script, run, _logged(seen, run), _logged(script.rebuilt(first).work, made), again)


def _seen(work: Workspace) -> Workspace:
    """What is inspected: the work itself, or, where a branch carries no store, what its script makes in a fresh clone."""
    if work.form is not Form.BRANCH or work.rebuild is None:
        return work
    history = reversed(work.git.history)
    commit = next((commit for commit in history if work.git.at(commit).is_file(work.path(SCRIPT))), None)
    if commit is None:
        expect.fail(
            looked_at=f"the commits of {work.branch}",
            expected=f"{SCRIPT}, which makes your run",
            found=f"no commit that holds {SCRIPT}",
            fix=f'git add {SCRIPT}\ngit commit -m "Track the forecast"',
        )
    return _script(work, commit, MONTHS).rebuilt(0).work


def _script(work: Workspace, commit: Commit, months: int) -> TrackingScript:
    return TrackingScript(work, SCRIPT, EXPERIMENT, commit, DATA, months)


def _same_model(script: TrackingScript, run: Run, logged: Model, made: Model, fix: str) -> None:
    """The logged model predicts what the commit's model predicts, and it can have the errors that the run tells."""
    name, work, commit = f"the model of {mlflow.label(run)}", script.work, script.commit
    rows = rows_for(logged, script.rentals)
    predicted = prediction.predictions(work, commit, logged, rows, of=name, fix=fix)
    by_made = prediction.predictions(
        work, commit, made, rows_for(made, script.rentals), of="the model of a rebuild", fix=fix
    )
    prediction.same_predictions(predicted, by_made, rows.truth, of=name, fix=fix)
    share = _share(run)
    if rows.known and share:
        fix = expect.commands(f"(in {SCRIPT}: log the model whose predictions you measure)", fix)
        prediction.explain(run.metrics["rmse"], predicted, rows.truth, share, of=name, fix=fix)


def _need_a_store(work: Workspace) -> None:
    """A store that can be read. Where the reader knows no command that brings one, the next run does."""
    try:
        _ = work.mlflow
    except Failure as failure:
        fix = _again(work, "experiment") if failure.fix.startswith("(") else failure.fix
        raise Failure(failure.looked_at, failure.expected, failure.found, fix) from None


def _finished(work: Workspace) -> list[Run]:
    """The finished runs that are looked at, the newest first."""
    return second_run.finished_runs(work, EXPERIMENT)[:RUNS]


@once
def _judged(work: Workspace) -> Run:
    """The run that all steps are about: the one that shows the most of what they ask for, the newest of these."""
    newest, *others = _finished(work)
    chosen, most = newest, sum(_holds(aspect, work, newest) for aspect in ASPECTS)
    for run in others:
        if most == len(ASPECTS):
            break
        held = sum(_holds(aspect, work, run) for aspect in ASPECTS)
        if held > most:
            chosen, most = run, held
    return chosen


def _holds(aspect: Callable[[Workspace, Run], None], work: Workspace, run: Run) -> bool:
    try:
        aspect(work, run)
    except (Failure, Unavailable):
        return False
    return True


@once
def _params(work: Workspace, run: Run) -> None:
    known = _known(run)
    seeds = {name: value for name, value in known.items() if SEED.search(name)}
    shares = _shares(run)
    others = {name: value for name, value in known.items() if name not in seeds and name not in shares and value}
    another_model = any(name not in HYPERPARAMETERS for name in others)
    lacking = [name for name in HYPERPARAMETERS if name not in others and not another_model]
    for expected, holds in {
        f"every hyperparameter of the model: {', '.join(HYPERPARAMETERS)}": not lacking,
        "the seed, a whole number": any(re.fullmatch(r"-?\d+", value) for value in seeds.values()),
        "the share of the test rows, a number between 0 and 1": any(_as_share(value) for value in shares.values()),
    }.items():
        expect.that(
            holds,
            looked_at=f"the parameters of {mlflow.label(run)}",
            expected=expected,
            found=(f"no {', no '.join(lacking)}; logged: " if lacking else "")
            + mlflow.listed((f"{name}={value}" for name, value in run.params.items()), "no parameter"),
            fix=_again(work, "params"),
        )


def _known(run: Run) -> dict[str, str]:
    """The run's parameters, without the steps of a pipeline in their names."""
    return {name.rpartition("__")[2]: value.strip() for name, value in run.params.items()}


def _shares(run: Run) -> dict[str, str]:
    """The parameters that can be the share of the split."""
    return {name: text for name, text in _known(run).items() if SHARE.fullmatch(name) and name not in OWN_OF_THE_MODEL}


def _as_share(text: str) -> float | None:
    """A share as a number between 0 and 1: it may be written as a percentage."""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return number if 0 < number < 1 else None


def _share(run: Run) -> float | None:
    """The share of the test rows, if it was logged. It may have been logged as that of the training rows."""
    shares = [share for text in _shares(run).values() if (share := _as_share(text))]
    return min((min(share, 1 - share) for share in shares), default=None)


@once
def _metrics(work: Workspace, run: Run) -> None:
    fix = _again(work, "metrics")
    mlflow.errors_of_a_forecast(run, _spread(work), fix=fix)
    mlflow.learning_curve(run, CURVE_STEPS, fix=fix)


@once
def _spread(work: Workspace) -> float:
    """The standard deviation of this learner's rentals."""
    rentals = data.rentals(work.learner.id, MONTHS)
    return math.dist(rentals, [sum(rentals) / len(rentals)] * len(rentals)) / math.sqrt(len(rentals))


@once
def _artifact(work: Workspace, run: Run) -> None:
    mlflow.picture(work, run, PIXELS, fix=_again(work, "artifact"))


@once
def _model(work: Workspace, run: Run) -> None:
    _logged(work, run)


def _logged(work: Workspace, run: Run) -> Model:
    """The model that a run logged."""
    columns = data.months(work.learner.id, 1).partition(b"\n")[0].decode().split(",")
    columns.remove(TARGET)
    return mlflow.model(work, run, columns, TARGET, fix=_again(work, "model"))


@once
def _lineage(work: Workspace, run: Run) -> None:
    fix = _again(work, "lineage")
    first_commit_then_run = _again(work, None)
    commit = mlflow.commit_of(work, run, SCRIPT, fix=first_commit_then_run)
    script = work.git.at(commit).read(work.path(SCRIPT))
    starter = Path(__file__).with_name("starter").joinpath(SCRIPT).read_bytes()
    expect.that(
        script is None or _plain(script) != _plain(starter),
        looked_at=f"{SCRIPT} in commit {commit.short}, which {mlflow.label(run)} names",
        expected="the script that made the run",
        found="the starter: your own script was not committed before it ran",
        fix=first_commit_then_run,
    )
    inputs = [f"{dataset.name} with digest {dataset.digest}" for dataset in run.datasets]
    looked_at = f"the data sets that {mlflow.label(run)} took in"
    expect.that(inputs, looked_at=looked_at, expected="the data set that the model learned from", found="none", fix=fix)
    if _named_months(work, run) is None:
        expect.fail(
            looked_at=looked_at,
            expected=f"the rentals of {work.learner.id}: digest {work.data(MONTHS).md5}, the MD5 of {DATA}",
            found=f"{mlflow.listed(inputs)}: neither the MD5 nor MLflow's own digest of these data",
            fix=expect.commands(_fix_data(work), fix),
        )


def _named_months(work: Workspace, run: Run) -> int | None:
    """How many months of this learner's data the run names, or None where it names none of them."""
    told = [dataset.digest for dataset in run.datasets]
    told += [text for dataset in run.datasets for text in dataset.tags.values()]
    told += [*run.tags.values(), *run.params.values()]  # a DVC hash may be noted beside the data set
    return next(
        (months for months, digests in _own_digests(work) if any(_is_own(text, digests) for text in told)), None
    )


def _own_digests(work: Workspace) -> Iterator[tuple[int, frozenset[str]]]:
    """The digests of this learner's data: hashes of the file, then those that MLflow computes of its table.

    Those that most learners log come first, as each takes its time.
    """
    for months in range(MONTHS, 0, -1):
        yield months, frozenset({work.data(months).md5})
    versions = {months: data.months(work.learner.id, months) for months in range(MONTHS, 0, -1)}
    for months, csv in versions.items():
        yield months, frozenset(hashlib.new(name, csv).hexdigest() for name in ("sha1", "sha256"))
    for months, csv in versions.items():
        yield months, dataset_digests(csv)


def _is_own(text: str, digests: frozenset[str]) -> bool:
    """Whether this is one of the digests. MLflow cuts its own to eight digits: so may a learner."""
    return len(text) >= 8 and any(digest.startswith(text.lower()) for digest in digests)


def _fix_data(work: Workspace) -> str | None:
    """Have the learner's own data in the working file, where it is not."""
    path = work.path(DATA)
    if work.files.is_file(path) and work.files.hash(path) == work.data(MONTHS):
        return None
    return expect.commands(None if work.files.kind(path) is Kind.MISSING else f"rm {DATA}", "mlsd start 2.1")


def _again(work: Workspace, name: str | None) -> Callable[[], str]:
    """Make another run, from a script that is committed. `name` is what the script lacks, if anything."""
    lacking = f"(make sure that {SCRIPT} has this: {HOW[name]})" if name else None
    return lambda: expect.commands(lacking, _run_again(work))


@once
def _run_again(work: Workspace) -> str:
    inside = {shown: work.files.is_file(_inside(work, shown)) for shown in COMMITTED}
    changed = [shown for shown, there in inside.items() if there and not _is_committed(work, shown)]
    return expect.commands(
        f'git add {" ".join(changed)}\ngit commit -m "Track the forecast"' if changed else None,
        None if inside[SCRIPT] else f"git restore {SCRIPT}" if _is_committed(work, SCRIPT) else "mlsd start 2.1",
        f"python {SCRIPT}",
    )


def _inside(work: Workspace, shown: str) -> str:
    return shown.removeprefix("../../") if shown.startswith("../../") else work.path(shown)


def _is_committed(work: Workspace, shown: str) -> bool:
    """Whether the last commit holds the working file as it is now, or the file where there is none to work with."""
    path = _inside(work, shown)
    committed = work.snapshot.read(path)
    if committed is None or not work.files.is_file(path):
        return committed is not None
    return _plain(work.files.read(path)) == _plain(committed)


def _plain(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


ASPECTS = (_params, _metrics, _artifact, _model, _lineage)
