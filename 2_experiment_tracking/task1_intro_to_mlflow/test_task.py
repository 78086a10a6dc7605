"""Task 2.1: does a run in MLflow's store tell what went in, what came out, and which code and data made it?"""

import re

from checks import Failure, Workspace, expect, limits, step
from checks.assertions.once import once
from checks.assertions.store import label, listed, tracking
from checks.core import data
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.entities import Run
from checks.evidence.mlflow.mlmodel import Model
from checks.evidence.picture import read_png

from .checking import lineage, metrics, predictions, rebuild, runs
from .checking.rebuild import inspected
from .checking.runs import TARGET, another_run

PIXELS = 200
HYPERPARAMETERS = ("max_iter", "learning_rate", "max_depth")  # of the model in forecast.py
_SEED = re.compile(r"seed|random_state", re.IGNORECASE)
_PART = r"(?:test|train|split|hold_?out|eval|validation|val)"
_SIZE = r"(?:share|size|fraction|frac|ratio|part|percent|percentage|pct|proportion|split)"
_SHARE = re.compile(rf"{_PART}_?{_SIZE}?|{_SIZE}_?(?:of_?)?{_PART}|share|fraction|ratio", re.IGNORECASE)
_OF_THE_MODEL = frozenset({"validation_fraction"})  # scikit-learn's, for early stopping: not the split's share


@step("experiment")
def test_experiment(work: Workspace) -> None:
    """The experiment has a finished run with a name, and nothing of the work is in `Default`."""
    _ = work.learner  # without an id there is no data to learn from
    work = inspected(work)
    runs.named_and_finished(work)
    runs.nothing_in_default(work)


@step("params")
def test_params(work: Workspace) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    work = inspected(work)
    _parameters(work, _judged(work))


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The errors are logged, and can be true together; and so is a learning curve."""
    work = inspected(work)
    metrics.plausible(work, _judged(work))


@step("artifact")
def test_artifact(work: Workspace) -> None:
    """The run holds a picture."""
    work = inspected(work)
    _picture(work, _judged(work))


@step("model")
def test_model(work: Workspace) -> None:
    """The run logged a model that says what it takes."""
    work = inspected(work)
    _model(work, _judged(work))


@step("lineage")
def test_lineage(work: Workspace) -> None:
    """The run names a commit that holds the script, and data that is this learner's own."""
    work = inspected(work)
    lineage.code_and_data(work, _judged(work))


@step("truth")
def test_truth(work: Workspace) -> None:
    """The script at the run's commit gives the run's metrics again, computes them, and makes the model that was logged."""
    seen = inspected(work)
    run = _judged(seen)
    rebuilds, fix = rebuild.rebuilds_of(work, run), another_run(seen)()
    rebuild.same_numbers(rebuilds, run, fix)
    rebuild.computed(rebuilds, run, another_run(seen, "metrics")())
    logged, made = _logged_model(seen, run), _logged_model(rebuilds.clone(rebuilds.first), rebuilds.counterpart(run))
    predictions.same_model(rebuilds, run, logged, made, _share_of_test_rows(run), fix)


def _judged(work: Workspace) -> Run:
    """The one run that all steps but the first are about: it shows the most of what they ask for."""
    aspects = (_parameters, metrics.plausible, _picture, _model, lineage.code_and_data)
    return runs.judged(work, aspects)


@once
def _parameters(work: Workspace, run: Run) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    given = _without_steps(run)
    seeds = {name: value for name, value in given.items() if _SEED.search(name)}
    shares = _shares(run)
    others = {name for name, value in given.items() if value and name not in seeds and name not in shares}
    another_model = not others <= set(HYPERPARAMETERS)
    lacking = [name for name in HYPERPARAMETERS if name not in others and not another_model]
    missing = f"no {', no '.join(lacking)}; logged: " if lacking else ""
    found = missing + listed((f"{name}={value}" for name, value in run.params.items()), "no parameter")
    parameters = expect.Subject(f"the parameters of {label(run)}", another_run(work, "params"))
    parameters.that(not lacking, f"every hyperparameter of the model: {', '.join(HYPERPARAMETERS)}", found)
    parameters.that(any(re.fullmatch(r"-?\d+", value) for value in seeds.values()), "the seed, a whole number", found)
    parameters.that(
        any(_as_share(value) for value in shares.values()),
        "the share of the test rows, a number between 0 and 1",
        found,
    )


def _share_of_test_rows(run: Run) -> float | None:
    """The share, if it was logged. It may have been logged as that of the training rows."""
    shares = [share for text in _shares(run).values() if (share := _as_share(text))]
    return min((min(share, 1 - share) for share in shares), default=None)


def _without_steps(run: Run) -> dict[str, str]:
    """The run's parameters, without the steps of a pipeline in their names."""
    return {name.rpartition("__")[2]: value.strip() for name, value in run.params.items()}


def _shares(run: Run) -> dict[str, str]:
    """The parameters that can be the share of the split."""
    given = _without_steps(run).items()
    return {name: text for name, text in given if _SHARE.fullmatch(name) and name not in _OF_THE_MODEL}


def _as_share(text: str) -> float | None:
    """A share as a number between 0 and 1: it may be written as a percentage."""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return number if 0 < number < 1 else None


@once
def _picture(work: Workspace, run: Run) -> None:
    """One of the artifacts is a PNG picture that decodes, large enough to see something."""
    fix = another_run(work, "artifact")
    artifacts = tracking(work, fix=fix).artifacts(run)
    names = [path for path in artifacts.paths() if path.lower().endswith(".png")]
    all_of_it = expect.Subject(f"the artifacts of {label(run)}", fix)
    all_of_it.that(names, "a PNG picture", listed(artifacts.paths(), "no artifact"))
    faults: list[Failure] = []
    for name in names[: limits.PICTURES]:
        image = expect.Subject(f"{name}, an artifact of {label(run)}", fix)
        try:
            png = read_png(artifacts.read(name, limits.PICTURE_BYTES), image.looked_at)
            size = f"{png.width} x {png.height} pixels"
            image.that(min(png.width, png.height) >= PIXELS, f"{PIXELS} x {PIXELS} pixels or more", size)
        except Failure as failure:
            faults.append(failure)
        else:
            return
    raise faults[0].mended_by(fix)


@once
def _model(work: Workspace, run: Run) -> None:
    """The run logged a whole model, with a signature over the columns of the data and an example of its input."""
    _logged_model(work, run)


def _logged_model(work: Workspace, run: Run) -> Model:
    """The first such model."""
    fix = another_run(work, "model")
    models = tracking(work, fix=fix).models(run)
    none = expect.Subject(f"the models of {label(run)}", fix)
    none.that(models, "a logged model with its MLmodel file", "no model")
    faults: list[Failure] = []
    for one in models:
        place = work.shown(one.artifacts.folder)
        about = expect.Subject(f"{place}/MLmodel, logged by {label(run)}", fix)
        fault = _fault(run, one, about) or _signature_fault(one, about) or _example_fault(one, place, about)
        if fault is None:
            return one
        faults.append(fault)
    raise faults[-1]


def _fault(run: Run, model: Model, about: expect.Subject) -> Failure | None:
    if model.run_id != run.id:
        return about.failure(f"the run that logged it: {run.id}", f"run_id: {model.run_id}")
    if "python_function" not in model.flavors:
        expected = "the flavor python_function, which every tool can load"
        return about.failure(expected, f"flavors: {listed(model.flavors)}")
    if model.lacking:
        return about.failure(f"{model.lacking}, the model itself, beside it", "no such file, or an empty one")
    return None


def _signature_fault(model: Model, about: expect.Subject) -> Failure | None:
    """Why the model does not say which columns of the data it takes."""
    if model.signature is None:
        return about.failure("a signature: which columns the model takes", "none")
    names = [column.name for column in model.signature.inputs if column.name]
    columns = set(data.COLUMNS) - {TARGET}
    if not columns & set(names):
        expected = f"a signature that names the input columns, such as {listed(sorted(columns))}"
        return about.failure(expected, f"inputs: {listed(names, 'columns without names')}")
    if TARGET in names:
        return about.failure(f"inputs without {TARGET}, which is to be predicted", f"{TARGET} among them")
    return None


def _example_fault(model: Model, folder: str, about: expect.Subject) -> Failure | None:
    """Why the model has no example of its input that fits the signature."""
    if model.input_example is None:
        expected = "an input example: a few rows that show what the model takes"
        return about.failure(expected, "none, or one whose file is not there")
    place = f"{folder}/{model.input_example}"
    example = parse_json(model.artifacts.read(model.input_example, limits.TEXT_BYTES), place)
    given = example.get("columns") if isinstance(example, dict) else None
    if not isinstance(given, list) or model.signature is None:
        return None  # a list, an array, a single value: forms that MLflow allows too
    needed = [column.name for column in model.signature.inputs if column.name and column.required]
    lacking = [name for name in needed if name not in given]
    if not lacking:
        return None
    return Failure(place, "every column of the signature", f"no {listed(lacking)}", about.fix)
