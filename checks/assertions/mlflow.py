"""Assertions over the MLflow runs of a workspace, in words that every task with MLflow shares.

Each raises `Failure`. What a run lacks, only another run can bring: so most fixes are the caller's, as it knows the script.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from checks import expect, limits
from checks.assertions.once import once
from checks.evidence.documents import parse_json
from checks.evidence.picture import Picture, read_png
from checks.expect import Failure, Fix

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.git.commit import Commit
    from checks.evidence.mlflow.entities import Experiment, Run
    from checks.evidence.mlflow.mlmodel import Model

DEFAULT = "Default"
"""The experiment of runs that name none."""
_COMMIT_ID = re.compile(r"[0-9a-f]{7,40}\Z")
_CLOCKS = 120
"""Seconds by which the clocks of two machines may differ."""
_SHOWN = 5


def label(run: Run) -> str:
    """A run as the learner knows it: the beginning of its id, and its name."""
    return f'run {run.id[:8]} "{run.name}"'


def listed(words: Iterable[str], nothing: str = "nothing") -> str:
    """The first of some words, and how many more there are."""
    words = list(words)
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return (", ".join(words[:_SHOWN]) + more) or nothing


def experiment(work: Workspace, name: str, *, fix: Fix) -> Experiment:
    """The active experiment of this name."""
    deleted = next((other for other in work.mlflow.experiments if other.name == name and not other.active), None)
    others = [other.name for other in work.mlflow.experiments if other.name not in (name, DEFAULT)]
    return expect.some(
        work.mlflow.experiment(name),
        looked_at=f"the experiments in {work.mlflow.place}",
        expected=f"the experiment {name}",
        found="it was deleted" if deleted else listed(others, "no experiment but Default"),
        fix=f"mlflow experiments restore --experiment-id {deleted.id}" if deleted else fix,
    )


def nothing_in_default(work: Workspace) -> None:
    """No run is in the experiment `Default`, where runs without an experiment end up."""
    default = work.mlflow.experiment(DEFAULT)
    stray = work.mlflow.runs_of(default) if default else ()
    expect.that(
        not stray,
        looked_at=f"the experiment Default in {work.mlflow.place}",
        expected="no run: what is there was logged without a name for its experiment",
        found=listed(label(run) for run in stray),
        fix=expect.commands(
            *(f"mlflow runs delete --run-id {run.id}" for run in stray[:_SHOWN]),
            "(and so on, or all at once in the UI: mlflow ui)" if len(stray) > _SHOWN else None,
        ),
    )


def errors_of_a_forecast(run: Run, spread: float, *, fix: Fix) -> None:
    """The metrics `rmse`, `mae` and `r2` are numbers that can be true of one set of predictions.

    `spread` is the standard deviation of what is predicted: `rmse` and `r2` say together what it was in the test rows.
    """
    looked_at = f"the metrics of {label(run)}"
    lacking = [name for name in ("rmse", "mae", "r2") if name not in run.metrics]
    if lacking:
        near = [name for name in run.metrics if any(lack in name.lower() for lack in lacking)]
        expect.fail(
            looked_at=looked_at,
            expected="rmse, mae and r2",
            found=f"no {', no '.join(lacking)}" + (f"; named alike: {listed(near)}" if near else ""),
            fix=fix,
        )
    rmse, mae, r2 = (run.metrics[name] for name in ("rmse", "mae", "r2"))
    found = f"rmse {rmse:.6g}, mae {mae:.6g}, r2 {r2:.6g}"
    if not all(map(math.isfinite, (rmse, mae, r2))):
        expect.fail(looked_at=looked_at, expected="three finite numbers", found=found, fix=fix)
    rules = {
        "an r2 of at most 1": r2 <= 1,
        "errors above 0: nobody knows the future": rmse > 0 and mae > 0 and r2 < 1,
        "an rmse that is at least the mae, as it always is": rmse >= mae * (1 - 1e-9),
    }
    for expected, holds in rules.items():
        expect.that(holds, looked_at=looked_at, expected=expected, found=found, fix=fix)
    implied = rmse / math.sqrt(1 - r2)
    expect.that(
        spread / 3 <= implied <= spread * 3,
        looked_at=looked_at,
        expected=f"errors in rentals an hour: your rentals have a standard deviation of {spread:.3g}",
        found=f"{found}: errors of other or of scaled data, with a standard deviation of {implied:.3g}",
        fix=fix,
    )


def learning_curve(run: Run, steps: int, *, fix: Fix) -> None:
    """One metric has values at `steps` or more different steps, and they are not all the same."""
    curves = {name: {point.step: point.value for point in points} for name, points in run.history.items()}
    longest = max(curves, key=lambda name: len(curves[name]), default=None)
    long = [curve for curve in curves.values() if len(curve) >= steps]
    if any(len(set(curve.values())) > 1 and all(map(math.isfinite, curve.values())) for curve in long):
        return
    expect.fail(
        looked_at=f"the metrics of {label(run)}, step by step",
        expected=f"a learning curve: one metric with values at {steps} or more steps",
        found="no metric"
        if longest is None
        else f"the {len(curves[longest])} values of {longest} are all the same, or not finite"
        if long
        else f"at most {len(curves[longest])} step{'s' if len(curves[longest]) > 1 else ''}, of {longest}",
        fix=fix,
    )


def picture(work: Workspace, run: Run, pixels: int, *, fix: Fix) -> None:
    """One of the run's artifacts is a PNG picture that decodes, `pixels` or more on each side."""
    artifacts = work.mlflow.artifacts(run)
    names = [path for path in artifacts.paths() if path.lower().endswith(".png")]
    faults: list[Failure] = []
    for name in names[: limits.PICTURES]:
        where = f"{name}, an artifact of {label(run)}"
        try:
            image = _picture_of(work, run.id, name, where)
        except Failure as failure:
            faults.append(failure)
            continue
        if image.width >= pixels and image.height >= pixels:
            return
        faults.append(
            Failure(where, f"{pixels} x {pixels} pixels or more", f"{image.width} x {image.height} pixels", fix)
        )
    if faults:
        raise Failure(faults[0].looked_at, faults[0].expected, faults[0].found, fix)
    expect.fail(
        looked_at=f"the artifacts of {label(run)}",
        expected="a PNG picture",
        found=listed(artifacts.paths(), "no artifact"),
        fix=fix,
    )


@once
def _picture_of(work: Workspace, run_id: str, name: str, where: str) -> Picture:
    run = next(run for run in work.mlflow.runs if run.id == run_id)
    return read_png(work.mlflow.artifacts(run).read(name, limits.PICTURE_BYTES), where)


def model(work: Workspace, run: Run, columns: Collection[str], target: str, *, fix: Fix) -> Model:
    """A model that this run logged, whole, with a signature over `columns` of the data and an example of its input.

    `target` is the column that is predicted, which no input may be.
    """
    models: Sequence[Model] = work.mlflow.models(run)
    if not models:
        expect.fail(
            looked_at=f"the models of {label(run)}",
            expected="a logged model with its MLmodel file",
            found="no model",
            fix=fix,
        )
    faults: list[Failure] = []
    for logged in models:
        fault = _model_fault(work, run, logged, columns, target, fix)
        if fault is None:
            return logged
        faults.append(fault)
    raise faults[-1]


def _model_fault(
    work: Workspace, run: Run, model: Model, columns: Collection[str], target: str, fix: Fix
) -> Failure | None:
    """The first thing that this model lacks."""
    folder = work.shown(model.artifacts.folder)
    where = f"{folder}/MLmodel, logged by {label(run)}"
    if model.run_id != run.id:
        return Failure(where, f"the run that logged it: {run.id}", f"run_id: {model.run_id}", fix)
    if "python_function" not in model.flavors:
        found = f"flavors: {listed(model.flavors)}"
        return Failure(where, "the flavor python_function, which every tool can load", found, fix)
    if model.lacking:
        return Failure(where, f"{model.lacking}, the model itself, beside it", "no such file, or an empty one", fix)
    return _signature_fault(model, where, columns, target, fix) or _example_fault(model, folder, where, fix)


def _signature_fault(model: Model, where: str, columns: Collection[str], target: str, fix: Fix) -> Failure | None:
    """Why the model does not say which columns of the data it takes."""
    if model.signature is None:
        return Failure(where, "a signature: which columns the model takes", "none", fix)
    names = [column.name for column in model.signature.inputs if column.name]
    if not set(names) & set(columns):
        expected = f"a signature that names the input columns, such as {listed(sorted(columns))}"
        return Failure(where, expected, f"inputs: {listed(names, 'columns without names')}", fix)
    if target in names:
        return Failure(where, f"inputs without {target}, which is to be predicted", f"{target} among them", fix)
    return None


def _example_fault(model: Model, folder: str, where: str, fix: Fix) -> Failure | None:
    """Why the model has no example of its input that fits the signature."""
    name = model.input_example
    if name is None:
        expected = "an input example: a few rows that show what the model takes"
        return Failure(where, expected, "none, or one whose file is not there", fix)
    place = f"{folder}/{name}"
    example = parse_json(model.artifacts.read(name, limits.TEXT_BYTES), place)
    given = example.get("columns") if isinstance(example, dict) else None
    if not isinstance(given, list) or model.signature is None:
        return None  # a list, an array, a single value: forms that MLflow allows too
    lacking = [
        column.name for column in model.signature.inputs if column.name and column.required and column.name not in given
    ]
    if lacking:
        return Failure(place, "every column of the signature", f"no {listed(lacking)}", fix)
    return None


def commit_of(work: Workspace, run: Run, script: str, *, fix: Fix) -> Commit:
    """The commit of the branch that the run names, which holds `script` (in the task folder) and is older than the run."""
    told = {text for key, text in {**run.params, **run.tags}.items() if "commit" in key.lower()}
    if run.commit:
        told.add(run.commit)
    ids = sorted(text for text in told if _COMMIT_ID.match(text))
    looked_at = f"the Git commit of {label(run)}"
    if not ids:
        expect.fail(
            looked_at=looked_at,
            expected="the commit whose code ran, which MLflow notes in a Git repository",
            found=listed(sorted(told), "no commit"),
            fix=fix,
        )
    on_branch = [commit for commit in work.git.history if commit.id.startswith(tuple(ids))]
    expect.that(
        on_branch,
        looked_at=looked_at,
        expected=f"a commit of {work.branch}",
        found=f"{listed(text[:7] for text in ids)}, which is not on {work.branch}",
        fix=fix,
    )
    holding = [commit for commit in on_branch if work.git.at(commit).is_file(work.path(script))]
    if not holding:
        expect.fail(
            looked_at=looked_at,
            expected=f"a commit that holds {script}: else nobody knows which code ran",
            found=f"{on_branch[-1].short} ({on_branch[-1].subject[:60]}), which does not hold it",
            fix=fix,
        )
    _in_order(run, holding[0], fix)
    return holding[0]


def _in_order(run: Run, commit: Commit, fix: Fix) -> None:
    """The commit was made, then the run started, then it ended."""
    start = (run.start or 0) / 1000
    end = start if run.end is None else run.end / 1000
    expect.that(
        commit.time <= start + _CLOCKS and start <= end,
        looked_at=f"the times of {label(run)} and of its commit {commit.short}",
        expected="first the commit, then the start of the run, then its end",
        found=f"the run ended {start - end:,.0f} s before it started"
        if start > end
        else f"the commit was made {commit.time - start:,.0f} s after the run started",
        fix=fix,
    )
