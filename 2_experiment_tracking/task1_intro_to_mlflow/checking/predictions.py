"""The predictions of a logged model: those of the model that its commit makes, with the error that the run tells.

A model's file may be code, which could write any answer: each model is loaded in a sandbox of its own. What two of them
predict is compared here, and errors are computed here, from data that we made ourselves.
"""

import math
from collections.abc import Sequence
from itertools import accumulate

from checks import expect
from checks.assertions.model import answer
from checks.assertions.store import label
from checks.evidence.mlflow.entities import Run
from checks.evidence.mlflow.mlmodel import Model

from .rebuild import Rebuilds
from .rows import Rows, rows_for
from .runs import SCRIPT

APART = 1e-3
"""How far two predictions of one model may be from each other, as a share of the spread of what is predicted."""
EASIER = 0.9
"""Test rows may be a little easier than the easiest days in a row that are as many."""
HARDER = 1.1
"""Test rows may be a few less than their share, where rows were left out."""
_PREDICT = """\
import json, pathlib, sys
import mlflow.pyfunc, numpy, pandas

here = pathlib.Path(sys.argv[1])
types = {"double": "float64", "float": "float32", "integer": "int32", "long": "int64", "boolean": "bool",
         "datetime": "datetime64[ns]", "string": "str"}
asked = {name: pandas.Series(values).astype(types.get(kind, "object"))
         for name, (kind, values) in json.loads((here / "question.json").read_text()).items()}
rows = pandas.DataFrame(asked)
predicted = numpy.asarray(mlflow.pyfunc.load_model(str(here / "model")).predict(rows), dtype=float)
(here / "answer.json").write_text(json.dumps(predicted.reshape(len(rows), -1)[:, 0].tolist()))
"""


def same_model(rebuilds: Rebuilds, run: Run, logged: Model, made: Model, share: float | None, fix: str) -> None:
    """The logged model predicts as the rebuilt one, and can have the run's errors on this share of the rows."""
    name = f"the model of {label(run)}"
    rows = rows_for(logged, rebuilds.rentals)
    predicted = _predictions(rebuilds, logged, rows, name, fix)
    again = _predictions(rebuilds, made, rows_for(made, rebuilds.rentals), "the model of a rebuild", fix)
    same_predictions(predicted, again, rows.truth, of=name, fix=fix)
    if rows.known and share:
        fix = f"(in {SCRIPT}: log the model whose predictions you measure)\n{fix}"
        possible_error(run.metrics["rmse"], predicted, rows.truth, share, of=name, fix=fix)


def _predictions(rebuilds: Rebuilds, model: Model, rows: Rows, name: str, fix: str) -> list[float]:
    """The predictions of a model for the rows, in a fresh clone of the commit."""
    about = expect.Subject(f"{name}, loaded with mlflow.pyfunc and asked for your hours", fix)
    listed = answer(rebuilds.work, model, _PREDICT, rows.columns, about, at=rebuilds.commit)
    numbers = [float(value) for value in listed if _is_number(value)] if isinstance(listed, list) else []
    about.that(
        len(numbers) == len(rows.truth),
        f"a finite number for each of {len(rows.truth):,} hours",
        f"{len(numbers):,} of them",
    )
    return numbers


def same_predictions(
    logged: Sequence[float], made: Sequence[float], truth: Sequence[float], *, of: str, fix: str
) -> None:
    """The logged model predicts what the model of a rebuild predicts."""
    apart = _rms([one - other for one, other in zip(logged, made, strict=True)])
    about = expect.Subject(f"{of}, and the one that its commit makes", fix)
    found = (
        f"predictions that differ by {apart:.3g} rentals an hour: "
        "it is not the model that the commit's code, data and parameters make"
    )
    about.that(apart <= APART * _spread(truth), "the same predictions for all hours of your data", found)


def possible_error(
    rmse: float, logged: Sequence[float], truth: Sequence[float], share: float, *, of: str, fix: str
) -> None:
    """There can be test rows, `share` of all, on which this model has this error.

    Which rows they were, only the learner's code knows. No rows have more than all the error there is; and rows that
    were drawn by chance, or cut out of the time, are not much easier than the easiest time of their length.
    """
    errors = [one - other for one, other in zip(logged, truth, strict=True)]
    count = max(1, round(share * len(errors)))
    sums = [0.0, *accumulate(error * error for error in errors)]
    lowest = math.sqrt(max(0.0, min(sums[end] - sums[end - count] for end in range(count, len(sums)))) / count)
    most = math.sqrt(sums[-1] / count)
    about = expect.Subject(f"rmse {rmse:.6g}, and the predictions of {of}", fix)
    found = (
        f"a model that is off by {_rms(errors):.3g} on all {len(errors):,} hours, by {lowest:.3g} in its best "
        f"{count:,} in a row: it is not the model that was measured"
    )
    about.that(EASIER * lowest <= rmse <= HARDER * most, f"a model that is off by that on {count:,} test rows", found)


def _is_number(value: object) -> bool:
    """Whether this is a number whose square is one too. Whoever wrote it may have written anything."""
    return isinstance(value, int | float) and abs(value) < 1e100


def _rms(values: Sequence[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in values) / len(values))


def _spread(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return _rms([value - mean for value in values])
