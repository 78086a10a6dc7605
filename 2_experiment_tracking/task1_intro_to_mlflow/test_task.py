"""Task 2.1: does a run in MLflow's store tell what went in, what came out, and which code and data made it?"""

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import mlflow
from checks.course import data
from checks.evidence.files import Kind
from checks.evidence.mlflow.digest import dataset_digests
from checks.evidence.mlflow.entities import Run

EXPERIMENT = "bike-demand"
SCRIPT = "track.py"
COMMITTED = (SCRIPT, "forecast.py", "data/.gitignore", "../../learner.toml")
DATA = "data/rentals.csv"
MONTHS = 3
TARGET = "rentals"
CURVE_STEPS = 5
PIXELS = 200
RUNS = 100  # the newest finished runs that are looked at
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
    _need_a_store(work)
    named = mlflow.experiment(work, EXPERIMENT, fix=_again(work, "experiment"))
    runs = work.mlflow.runs_of(named)
    expect.that(
        any(run.name for run in _finished(work)),
        looked_at=f"the runs of {EXPERIMENT} in {work.mlflow.place}",
        expected="a finished run with a name",
        found=mlflow.listed((f"{mlflow.label(run)} {run.status}" for run in runs), "no run"),
        fix=_again(work, "experiment"),
    )
    mlflow.nothing_in_default(work)


@step("params")
def test_params(work: Workspace) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    _params(work, _judged(work))


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The errors are logged, and can be true together; and so is a learning curve."""
    _metrics(work, _judged(work))


@step("artifact")
def test_artifact(work: Workspace) -> None:
    """The run holds a picture."""
    _artifact(work, _judged(work))


@step("model")
def test_model(work: Workspace) -> None:
    """The run logged a model that says what it takes."""
    _model(work, _judged(work))


@step("lineage")
def test_lineage(work: Workspace) -> None:
    """The run names a commit that holds the script, and data that is this learner's own."""
    _lineage(work, _judged(work))


@step("truth")
def test_truth(work: Workspace) -> None:
    """The script at the run's commit gives the run's metrics again."""
    run = _judged(work)
    commit = mlflow.commit_of(work, run, SCRIPT, fix=_again(work, "lineage"))
    raise Unavailable(
        f"this edition of the checks cannot make {mlflow.label(run)} again from commit {commit.short} yet"
    )


def _need_a_store(work: Workspace) -> None:
    """A store that can be read. Where the reader knows no command that brings one, the next run does."""
    try:
        _ = work.mlflow
    except Failure as failure:
        fix = _again(work, "experiment") if failure.fix.startswith("(") else failure.fix
        raise Failure(failure.looked_at, failure.expected, failure.found, fix) from None


def _finished(work: Workspace) -> list[Run]:
    """The finished runs of the experiment, the newest first."""
    named = work.mlflow.experiment(EXPERIMENT)
    runs = work.mlflow.runs_of(named) if named else ()
    return sorted((run for run in runs if run.status == "FINISHED"), key=lambda run: run.start or 0, reverse=True)[
        :RUNS
    ]


_CHOSEN: WeakKeyDictionary[Workspace, Run] = WeakKeyDictionary()


def _judged(work: Workspace) -> Run:
    """The run that all steps are about: the one that shows the most of what they ask for, the newest of these."""
    if work not in _CHOSEN:
        best = -1
        for run in _finished(work):
            held = sum(_holds(aspect, work, run) for aspect in ASPECTS)
            if held > best:
                best, _CHOSEN[work] = held, run
            if held == len(ASPECTS):
                break
    return _CHOSEN[work]


def _holds(aspect: Callable[[Workspace, Run], None], work: Workspace, run: Run) -> bool:
    try:
        aspect(work, run)
    except (Failure, Unavailable):
        return False
    return True


def _params(work: Workspace, run: Run) -> None:
    known = {name.rpartition("__")[2]: value.strip() for name, value in run.params.items()}
    seeds = {name: value for name, value in known.items() if SEED.search(name)}
    shares = {name: value for name, value in known.items() if SHARE.fullmatch(name) and name not in OWN_OF_THE_MODEL}
    others = {name: value for name, value in known.items() if name not in seeds and name not in shares and value}
    another_model = any(name not in HYPERPARAMETERS for name in others)
    lacking = [name for name in HYPERPARAMETERS if name not in others and not another_model]
    for expected, holds in {
        f"every hyperparameter of the model: {', '.join(HYPERPARAMETERS)}": not lacking,
        "the seed, a whole number": any(re.fullmatch(r"-?\d+", value) for value in seeds.values()),
        "the share of the test rows, a number between 0 and 1": any(_is_share(value) for value in shares.values()),
    }.items():
        expect.that(
            holds,
            looked_at=f"the parameters of {mlflow.label(run)}",
            expected=expected,
            found=mlflow.listed((f"{name}={value}" for name, value in run.params.items()), "no parameter"),
            fix=_again(work, "params"),
        )


def _is_share(text: str) -> bool:
    """Whether this is a share: a number between 0 and 1, or a percentage."""
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return False
    return 0 < number < 1 or (text.endswith("%") and 0 < number < 100)


def _metrics(work: Workspace, run: Run) -> None:
    fix = _again(work, "metrics")
    mlflow.errors_of_a_forecast(run, _spread(work), fix=fix)
    mlflow.learning_curve(run, CURVE_STEPS, fix=fix)


def _spread(work: Workspace) -> float:
    """The standard deviation of this learner's rentals."""
    _header, *lines = data.months(work.learner.id, MONTHS).splitlines()
    rentals = [int(line.rpartition(b",")[2]) for line in lines]
    mean = sum(rentals) / len(rentals)
    return math.sqrt(sum((value - mean) ** 2 for value in rentals) / len(rentals))


def _artifact(work: Workspace, run: Run) -> None:
    mlflow.picture(work, run, PIXELS, fix=_again(work, "artifact"))


def _model(work: Workspace, run: Run) -> None:
    columns = data.months(work.learner.id, 1).partition(b"\n")[0].decode().split(",")
    columns.remove(TARGET)
    mlflow.model(work, run, columns, TARGET, fix=_again(work, "model"))


def _lineage(work: Workspace, run: Run) -> None:
    fix = _again(work, "lineage")
    commit = mlflow.commit_of(work, run, SCRIPT, fix=fix)
    script = work.git.at(commit).read(work.path(SCRIPT))
    starter = Path(__file__).with_name("starter").joinpath(SCRIPT).read_bytes()
    expect.that(
        script is None or _plain(script) != _plain(starter),
        looked_at=f"{SCRIPT} in commit {commit.short}, which {mlflow.label(run)} names",
        expected="the script that made the run",
        found="the starter: your own script was not committed before it ran",
        fix=fix,
    )
    inputs = [f"{dataset.name} with digest {dataset.digest}" for dataset in run.datasets]
    looked_at = f"the data sets that {mlflow.label(run)} took in"
    expect.that(inputs, looked_at=looked_at, expected="the data set that the model learned from", found="none", fix=fix)
    told = [dataset.digest for dataset in run.datasets]
    told += [text for dataset in run.datasets for text in dataset.tags.values()]
    told += [*run.tags.values(), *run.params.values()]  # a DVC hash may be noted beside the data set
    if not any(_is_own(text, digests) for digests in _own_digests(work) for text in told):
        expect.fail(
            looked_at=looked_at,
            expected=f"the rentals of {work.learner.id}: digest {work.data(MONTHS).md5}, the MD5 of {DATA}",
            found=f"{mlflow.listed(inputs)}: neither the MD5 nor MLflow's own digest of these data",
            fix=expect.commands(_fix_data(work), fix),
        )


def _own_digests(work: Workspace) -> Iterator[frozenset[str]]:
    """The digests of this learner's data: hashes of the file, then those that MLflow computes of its table."""
    versions = [data.months(work.learner.id, months) for months in range(MONTHS, 0, -1)]
    yield frozenset(hashlib.new(name, csv).hexdigest() for csv in versions for name in ("md5", "sha1", "sha256"))
    for csv in versions:
        yield dataset_digests(csv)


def _is_own(text: str, digests: frozenset[str]) -> bool:
    """Whether this is one of the digests. MLflow cuts its own to eight digits: so may a learner."""
    return len(text) >= 8 and any(digest.startswith(text.lower()) for digest in digests)


def _fix_data(work: Workspace) -> str | None:
    """Have the learner's own data in the working file, where it is not."""
    path = work.path(DATA)
    if work.files.is_file(path) and work.files.hash(path) == work.data(MONTHS):
        return None
    return expect.commands(None if work.files.kind(path) is Kind.MISSING else f"rm {DATA}", "mlsd start 2.1")


def _again(work: Workspace, name: str) -> str:
    """Make another run, from a script that is committed."""
    inside = {shown: work.files.is_file(_inside(work, shown)) for shown in COMMITTED}
    changed = [shown for shown, there in inside.items() if there and not _is_committed(work, shown)]
    return expect.commands(
        f"(in {SCRIPT}, unless it is there: {HOW[name]})",
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
