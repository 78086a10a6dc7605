"""The artifacts of a run: a picture, and a model that says what it takes."""

from __future__ import annotations

from checks import Failure, Workspace, expect, limits
from checks.assertions.once import once
from checks.assertions.store import label, listed, tracking
from checks.core import data
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.entities import Run
from checks.evidence.mlflow.mlmodel import Model
from checks.evidence.picture import read_png

from .fixes import TARGET, another_run

PIXELS = 200


@once
def picture(work: Workspace, run: Run) -> None:
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
def model(work: Workspace, run: Run) -> None:
    """The run logged a whole model, with a signature over the columns of the data and an example of its input."""
    logged_model(work, run)


def logged_model(work: Workspace, run: Run) -> Model:
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
