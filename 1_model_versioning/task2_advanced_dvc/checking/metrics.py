"""The metrics, held against the predictions that they were computed from, and these against the test rows."""

from __future__ import annotations

import json
import math
from collections import Counter
from decimal import Decimal

from checks import Workspace, expect
from checks.evidence.documents import parse_json
from checks.evidence.dvc.committed import LockedFile
from checks.evidence.dvc.objects import md5s
from checks.evidence.table import Table

from .pipeline import Pipeline, by_hand, commit, run, target

NAMES = ("rmse", "mae", "r2")
METRICS = "metrics.json"
PREDICTIONS = "predictions.csv"
NEAR = {"rmse": 0.005, "mae": 0.005, "r2": 0.0005}
"""How far a metric may be from what its predictions give: these may have been rounded when they were written."""
DECIMALS = 2
"""Decimals that a metric may be rounded to."""


def left_to_git(pipeline: Pipeline) -> LockedFile:
    """`metrics.json` is a metric that DVC leaves to Git, and the committed one is what the pipeline wrote."""
    work, metric = pipeline.work, pipeline.output(METRICS)
    shown, file = work.shown(metric.path), pipeline.file(metric.stage)
    expect.that(
        metric.path in pipeline.committed.metrics,
        looked_at=f"{file}: {shown}",
        expected="below `metrics`, so that `dvc metrics diff` finds it",
        found=f"an output of stage {metric.stage} that is no metric",
        fix=by_hand(work, f"write {shown} below `metrics` of {metric.stage} in {file}"),
    )
    expect.that(
        not any(entry.output.path == metric.path and entry.output.cached for entry in pipeline.committed.outputs),
        looked_at=f"{file}: {shown}, a metric of stage {metric.stage}",
        expected="`cache: false`: a small text that Git keeps, so that every commit shows its metrics",
        found="it is cached: DVC keeps it, and Git ignores it",
        fix=f"(write `cache: false` below {shown} in {file}, and delete its line in .gitignore)\n"
        f"dvc repro{target(work)}\ngit add {shown}\n{commit(work, 'Leave the metrics to Git')}",
    )
    found = md5s(pipeline.committed.snapshot.read(metric.path))
    about = expect.Subject(f"{shown} in the last commit", run(work, "The metrics that the pipeline wrote", force=True))
    expected = f"md5 {metric.content.md5}: what stage {metric.stage} wrote, as its lock says"
    instead = f"md5 {found[0]}: it was changed after the run" if found else "no such file"
    about.that(metric.content.md5 in found, expected, instead)
    return metric


def values(work: Workspace, data: bytes, where: str) -> dict[str, float]:
    """The metrics in a file. Raises Failure where one is missing or is no finite number."""
    document = parse_json(data, where)
    given = document if isinstance(document, dict) else {}
    for name in NAMES:
        value = given.get(name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
        fix = by_hand(work, f"let the stage that writes {where} write rmse, mae and r2")
        about = expect.Subject(f"{where}: {name}", fix)
        found = "nothing" if value is None else json.dumps(value)[:60]
        about.that(number and math.isfinite(value or 0), "a number", found)
    return {name: float(given[name]) for name in NAMES}


def computed(work: Workspace, predictions: Table, where: str) -> dict[str, float]:
    """The metrics of the columns `y_true` and `y_pred`. Raises Failure where these are not there, or no numbers."""
    true, predicted = (_numbers(work, predictions, name, where) for name in ("y_true", "y_pred"))
    errors = [one - other for one, other in zip(true, predicted, strict=True)]
    mean = math.fsum(true) / len(true)
    squares = math.fsum(error * error for error in errors)
    spread = math.fsum((value - mean) ** 2 for value in true)
    return {
        "rmse": math.sqrt(squares / len(errors)),
        "mae": math.fsum(map(abs, errors)) / len(errors),
        "r2": 1 - squares / spread if spread else 0.0,
    }


def _numbers(work: Workspace, table: Table, name: str, where: str) -> list[float]:
    about = expect.Subject(where, by_hand(work, f"let the stage that writes {where} write both columns"))
    column = about.some(table.column(name), "the columns y_true and y_pred", ", ".join(table.columns[:12]))
    try:
        numbers = list(map(float, column))
    except ValueError:
        numbers = list(map(_number, column))
    bad = [text for text, number in zip(column, numbers, strict=True) if not abs(number) < 1e150]
    fix = by_hand(work, f"let the stage that writes {where} write a number for every test row")
    about = expect.Subject(f"{where}: {name}", fix)
    found = f"{len(bad):,} values that are none, such as {bad[0][:40]!r}" if bad else "no row"
    about.that(numbers and not bad, "a number in every row", found)
    return numbers


def _number(text: str) -> float:
    """The number that is written, or NaN where none is."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def agree(given: dict[str, float], true: dict[str, float]) -> bool:
    """Whether metrics are the true ones: near to them, or equal to them rounded to two decimals."""
    return all(
        abs(given[name] - true[name]) <= NEAR[name] + 1e-9 or given[name] == round(true[name], DECIMALS)
        for name in NAMES
    )


def rounding(value: float) -> float:
    """How far a number may be from the one that was rounded to it: half of its last decimal."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), -DECIMALS)


def of_test_rows(pipeline: Pipeline, made: Pipeline) -> None:
    """The committed metrics are those of the predictions in `made`, and these are for the test rows, and not the truth."""
    work, metric = pipeline.work, left_to_git(pipeline)
    committed = values(work, pipeline.committed.snapshot.read(metric.path) or b"", work.shown(metric.path))
    entry, predictions = made.table(PREDICTIONS)
    place, script = work.shown(entry.path), pipeline.script(entry.stage)
    true = computed(work, predictions, place)
    fix = by_hand(
        work,
        f"let {script} compute the metrics from the columns y_true and y_pred of {place}",
        "The metrics of the predictions",
        force=True,
    )
    about = expect.Subject(f"{work.shown(metric.path)}, beside {place}", fix)
    about.that(agree(committed, true), _shown(true), _shown(committed))
    _for_test_rows(made, entry, Counter(_numbers(work, predictions, "y_true", place)))
    fix = by_hand(work, f"let {script} write what the model predicts as y_pred", "Write the predictions")
    about = expect.Subject(f"{place}: y_pred", fix)
    about.that(true["rmse"] > 0, "what the model predicts", "the truth itself: y_true, in every row")


def _for_test_rows(made: Pipeline, predictions: LockedFile, true: Counter[float]) -> None:
    """The true values beside the predictions are the rentals of the test rows."""
    work, rentals = made.work, {}
    for name in ("test", "train", "cleaned"):
        written, rows = made.table(f"{name}.csv")
        rentals[name] = Counter(_numbers(work, rows, "rentals", work.shown(written.path)))
    other = next((name for name in ("train", "cleaned") if rentals[name] == true), None)
    test = work.shown(made.output("test.csv").path)
    expect.that(
        true == rentals["test"],
        looked_at=f"{work.shown(predictions.path)}: y_true, {true.total():,} values",
        expected=f"the rentals of the {rentals['test'].total():,} test rows",
        found=f"those of the rows in {other}.csv, which the model has seen"
        if other
        else f"{(true - rentals['test']).total():,} values that are no test row's",
        fix=by_hand(
            work, f"let stage {predictions.stage} read {test}, and list it in its `deps`", "Evaluate on the test rows"
        ),
    )


def trusted(pipeline: Pipeline) -> dict[str, float] | None:
    """The metrics of a commit that agree with its lock, and with its predictions where they are kept; else None.

    Raises Failure like `values` and `computed`.
    """
    if not pipeline.stages:
        return None
    metric, work = pipeline.output(METRICS), pipeline.work
    committed = md5s(pipeline.committed.snapshot.read(metric.path))
    data = pipeline.content(metric)
    if data is None or (committed and metric.content.md5 not in committed):
        return None
    found = values(work, data, work.shown(metric.path))
    predictions = pipeline.output(PREDICTIONS)
    rows = pipeline.table_of(predictions)
    return found if rows is None or agree(found, computed(work, rows, predictions.path)) else None


def _shown(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in values.items())
