"""Assertions over what a logged model predicts. It is loaded inside the sandbox, each model in a run of its own.

A model's file may be code, which could write any answer: so no answer of such a run is a verdict. The predictions of
two models are compared here, and their errors are computed here, from data that we made ourselves.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.model_files import laid_out
from checks.core.recipe import Script
from checks.evidence.documents import parse_json

if TYPE_CHECKING:
    from checks.assertions.forecast_rows import Rows
    from checks.core.workspace import Workspace
    from checks.evidence.git.commit import Commit
    from checks.evidence.mlflow.mlmodel import Model

APART = 1e-3
"""How far two predictions of one model may be from each other, as a share of the spread of what is predicted."""
EASIER = 0.9
"""Test rows may be a little easier than the easiest days in a row that are as many."""
HARDER = 1.1
"""Test rows may be a few less than their share, where rows were left out."""
MOST = 8 << 20
"""Bytes of an answer. A prediction takes about 20."""

ASK = """\
import json, pathlib, sys
import mlflow.pyfunc, numpy, pandas

here = pathlib.Path(sys.argv[1])
types = {"double": "float64", "float": "float32", "integer": "int32", "long": "int64", "boolean": "bool",
         "datetime": "datetime64[ns]", "string": "str"}
asked = {name: pandas.Series(values).astype(types.get(kind, "object"))
         for name, (kind, values) in json.loads((here / "rows.json").read_text()).items()}
rows = pandas.DataFrame(asked)
predicted = numpy.asarray(mlflow.pyfunc.load_model(str(here / "model")).predict(rows), dtype=float)
(here / "predicted.json").write_text(json.dumps(predicted.reshape(len(rows), -1)[:, 0].tolist()))
"""
"""What runs inside. The task folder can be imported from: a model may need the module that its class is in."""


def predictions(work: Workspace, commit: Commit, model: Model, rows: Rows, *, of: str, fix: str) -> list[float]:
    """What the model predicts for the rows, in a fresh clone of `commit`. `of` names the model."""
    # A name that nobody knows before: no file of the commit is in its way.
    place = f"asked-{secrets.token_hex(8)}"
    answer = f"{place}/predicted.json"
    with laid_out(model, ask_py=ASK, rows_json=json.dumps(rows.columns)) as folder:
        made = work.made(
            Script(f"PYTHONPATH=. python {place}/ask.py {place}", at=commit, folders={place: folder}, results=(answer,))
        )
    looked_at = f"{of}, loaded with mlflow.pyfunc and asked for your hours"
    if made.exit_code or not made.work.files.is_file(made.work.path(answer)):
        expect.fail(
            looked_at=looked_at,
            expected="predictions",
            found=f"exit code {made.exit_code}; the last it said:\n{made.output}",
            fix=fix,
        )
    listed = parse_json(made.work.files.read(made.work.path(answer), MOST), answer)
    numbers = [float(value) for value in listed if _is_number(value)] if isinstance(listed, list) else []
    expect.that(
        len(numbers) == len(rows.truth),
        looked_at=looked_at,
        expected=f"a finite number for each of {len(rows.truth):,} hours",
        found=f"{len(numbers):,} of them",
        fix=fix,
    )
    return numbers


def same_predictions(
    logged: Sequence[float], made: Sequence[float], truth: Sequence[float], *, of: str, fix: str
) -> None:
    """The logged model predicts what the model of a rebuild predicts."""
    apart = _rms([one - other for one, other in zip(logged, made, strict=True)])
    expect.that(
        apart <= APART * _spread(truth),
        looked_at=f"{of}, and the one that its commit makes",
        expected="the same predictions for all hours of your data",
        found=f"predictions that differ by {apart:.3g} rentals an hour: "
        "it is not the model that the commit's code, data and parameters make",
        fix=fix,
    )


def explain(rmse: float, logged: Sequence[float], truth: Sequence[float], share: float, *, of: str, fix: str) -> None:
    """There can be test rows, `share` of all, on which this model has this error.

    Which rows they were, only the learner's code knows. No rows have more than all the error there is; and rows that
    were drawn by chance, or cut out of the time, are not much easier than the easiest time of their length.
    """
    errors = [one - other for one, other in zip(logged, truth, strict=True)]
    count = max(1, round(share * len(errors)))
    sums = [0.0, *accumulate(error * error for error in errors)]
    lowest = math.sqrt(max(0.0, min(sums[end] - sums[end - count] for end in range(count, len(sums)))) / count)
    most = math.sqrt(sums[-1] / count)
    expect.that(
        EASIER * lowest <= rmse <= HARDER * most,
        looked_at=f"rmse {rmse:.6g}, and the predictions of {of}",
        expected=f"a model that is off by that on {count:,} test rows",
        found=f"a model that is off by {_rms(errors):.3g} on all {len(errors):,} hours, by {lowest:.3g} in its best "
        f"{count:,} in a row: it is not the model that was measured",
        fix=fix,
    )


def _is_number(value: object) -> bool:
    """Whether this is a number whose square is one too. Whoever wrote it may have written anything."""
    return isinstance(value, int | float) and abs(value) < 1e100


def _rms(values: Sequence[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in values) / len(values))


def _spread(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return _rms([value - mean for value in values])
