"""A pipeline's metrics, held against the predictions that they were computed from."""

from __future__ import annotations

import json
import math
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.outputs import Written, find, kept_table, line_ends, read, table
from checks.assertions.pipeline import scripts
from checks.assertions.rerun import commit, rerun, target
from checks.evidence.documents import parse_json
from checks.evidence.files import FileHash

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.git.snapshot import Snapshot
    from checks.evidence.table import Table

NAMES = ("rmse", "mae", "r2")
METRICS = "metrics.json"
NEAR = {"rmse": 0.005, "mae": 0.005, "r2": 0.0005}
"""How far a metric may be from what its predictions give: these may have been rounded when they were written."""
DECIMALS = 2
"""Decimals that a metric may be rounded to."""


def declared(work: Workspace, committed: Committed) -> Written:
    """`metrics.json` is a metric that DVC leaves to Git, and the committed one is what the pipeline wrote."""
    metric = find(work, committed, METRICS)
    shown, pipeline = work.shown(metric.path), work.shown(committed.stages[metric.stage].file)
    expect.that(
        metric.path in committed.metrics,
        looked_at=f"{pipeline}: {shown}",
        expected="below `metrics`, so that `dvc metrics diff` finds it",
        found=f"an output of stage {metric.stage} that is no metric",
        fix=f"(write {shown} below `metrics` of {metric.stage} in {pipeline})\n{rerun(work)}",
    )
    cached = any(entry.output.path == metric.path and entry.output.cached for entry in committed.outputs)
    expect.that(
        not cached,
        looked_at=f"{pipeline}: {shown}, a metric of stage {metric.stage}",
        expected="`cache: false`: a small text that Git keeps, so that every commit shows its metrics",
        found="it is cached: DVC keeps it, and Git ignores it",
        fix=f"(write `cache: false` below {shown} in {pipeline}, and delete its line in .gitignore)\n"
        f"dvc repro{target(work)}\ngit add {shown}\n{commit(work, 'Leave the metrics to Git')}",
    )
    blob = committed.snapshot.read(metric.path)
    found = [FileHash.of(form).md5 for form in line_ends(blob)] if blob is not None else []
    expect.that(
        metric.content.md5 in found,
        looked_at=f"{shown} in the last commit",
        expected=f"md5 {metric.content.md5}: what stage {metric.stage} wrote, as its lock says",
        found=f"md5 {found[0]}: it was changed after the run" if found else "no such file",
        fix=rerun(work, "The metrics that the pipeline wrote", force=True),
    )
    return metric


def values(work: Workspace, data: bytes, where: str) -> dict[str, float]:
    """The metrics in a file. Raises Failure where one is missing or is no finite number."""
    document = parse_json(data, where)
    given = document if isinstance(document, dict) else {}
    for name in NAMES:
        value = given.get(name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
        if not number or not math.isfinite(value or 0):
            expect.fail(
                looked_at=f"{where}: {name}",
                expected="a number",
                found="nothing" if value is None else json.dumps(value)[:60],
                fix=f"(let the stage that writes {where} write rmse, mae and r2)\n{rerun(work)}",
            )
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


def _numbers(work: Workspace, predictions: Table, name: str, where: str) -> list[float]:
    column = expect.some(
        predictions.column(name),
        looked_at=where,
        expected="the columns y_true and y_pred",
        found=", ".join(predictions.columns[:12]),
        fix=f"(let the stage that writes {where} write both columns)\n{rerun(work)}",
    )
    try:
        numbers = list(map(float, column))
    except ValueError:
        numbers = list(map(_number, column))
    bad = [text for text, number in zip(column, numbers, strict=True) if not abs(number) < 1e150]
    expect.that(
        numbers and not bad,
        looked_at=f"{where}: {name}",
        expected="a number in every row",
        found=f"{len(bad):,} values that are none, such as {bad[0][:40]!r}" if bad else "no row",
        fix=f"(let the stage that writes {where} write a number for every test row)\n{rerun(work)}",
    )
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


def of_test_rows(work: Workspace, committed: Committed, seen: tuple[Workspace, Committed] | None = None) -> None:
    """The metrics are those of the predictions, and these were made for the test rows.

    `seen` is where to look for what the stages wrote: a rebuild's workspace and locks, where it is not in the submission.
    """
    at, ran = seen or (work, committed)
    metric = declared(work, committed)
    shown = work.shown(metric.path)
    committed_values = values(work, committed.snapshot.read(metric.path) or b"", shown)
    entry, predictions = table(at, ran, "predictions.csv")
    place = work.shown(entry.path)
    script = next(map(work.shown, scripts(committed.stages[entry.stage])), f"stage {entry.stage}")
    of_predictions = computed(work, predictions, place)
    expect.that(
        agree(committed_values, of_predictions),
        looked_at=f"{shown}, beside {place}",
        expected=_shown(of_predictions),
        found=_shown(committed_values),
        fix=f"(let {script} compute the metrics from the columns y_true and y_pred of {place})\n"
        f"{rerun(work, 'The metrics of the predictions', force=True)}",
    )
    true = Counter(_numbers(work, predictions, "y_true", place))
    rentals = {}
    for name in ("test", "train", "cleaned"):
        written, rows = table(at, ran, f"{name}.csv")
        rentals[name] = Counter(_numbers(work, rows, "rentals", work.shown(written.path)))
    other = next((name for name in ("train", "cleaned") if rentals[name] == true), None)
    expect.that(
        true == rentals["test"],
        looked_at=f"{place}: y_true, {true.total():,} values",
        expected=f"the rentals of the {rentals['test'].total():,} test rows",
        found=f"those of the rows in {other}.csv, which the model has seen"
        if other
        else f"{(true - rentals['test']).total():,} values that are no test row's",
        fix=f"(let stage {entry.stage} read {work.shown(find(at, ran, 'test.csv').path)}, and list it in its `deps`)\n"
        f"{rerun(work, 'Evaluate on the test rows')}",
    )
    expect.that(
        of_predictions["rmse"] > 0,
        looked_at=f"{place}: y_pred",
        expected="what the model predicts",
        found="the truth itself: y_true, in every row",
        fix=f"(let {script} write what the model predicts as y_pred)\n{rerun(work, 'Write the predictions')}",
    )


def at(work: Workspace, snapshot: Snapshot) -> tuple[Written, dict[str, float]] | None:
    """The metrics of a commit that agree with its lock (and with its predictions, where they are still cached)."""
    committed = work.dvc.pipelines(snapshot)
    if not committed.stages:
        return None
    metric = find(work, committed, METRICS)
    blob = snapshot.read(metric.path)
    if blob is not None and metric.content.md5 not in [FileHash.of(form).md5 for form in line_ends(blob)]:
        return None
    data = read(work, snapshot, metric.path, metric.content)
    if data is None:
        return None
    found = values(work, data, work.shown(metric.path))
    predictions = find(work, committed, "predictions.csv")
    rows = kept_table(work, snapshot, predictions)
    if rows is not None and not agree(found, computed(work, rows, predictions.path)):
        return None
    return metric, found


def _shown(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in values.items())
