"""Assertions over a search for hyperparameters: one parent run in MLflow, and a finished child for each combination."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from checks import expect
from checks.assertions import store
from checks.expect import Failure

from .origin import has_an_origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.entities import Run

METRIC = "rmse"
CHILDREN = 6
_CLOCK = 1_000
"""Milliseconds by which a child may seem to start before its parent: clocks are set while programs run."""
_SEEDS = frozenset({"seed", "random_state", "random_seed"})
_COUNTERS = frozenset(
    {"index", "trial", "trial_number", "trial_id", "run", "run_id", "run_name", "child", "id", "name"}
)
"""Parameters that name a run, and are no choice of a model."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A parent run and its children that finished with an error to compare."""

    parent: Run
    children: tuple[Run, ...]
    varied: tuple[str, ...]
    """The hyperparameters that have two or more values."""

    @property
    def lowest(self) -> float:
        """The smallest error of the children."""
        return min(error(child) for child in self.children)


def error(run: Run) -> float:
    """A child's error. Only of the children of a `Grid`, which have one."""
    return run.metrics[METRIC]


def same(one: float, other: float) -> bool:
    """Whether two errors are one number, written and read."""
    try:
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=0.0)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def complete_grids(work: Workspace, experiment: str) -> tuple[Grid, ...]:
    """The complete grids of an experiment, the oldest first. Raises Failure where there is none."""
    families = _families(work, experiment)
    complete: list[Grid] = []
    failures: list[tuple[int, Failure]] = []
    for parent, children in families:
        try:
            complete.append(_complete(work, parent, children))
        except Failure as failure:
            failures.append((len(children), failure))
    if not complete:
        raise max(failures, key=lambda failure: failure[0])[1]
    return tuple(complete)


def best_runs(grids: Sequence[Grid]) -> dict[str, Run]:
    """The runs that may be called the best, by id: of all grids and of the last one, which may have other data."""
    overall = min(grid.lowest for grid in grids)
    found = [run for grid in grids for run in grid.children if same(error(run), overall)]
    found += [run for run in grids[-1].children if same(error(run), grids[-1].lowest)]
    return {run.id: run for run in found}


def fix_tune(work: Workspace) -> str:
    """Search again with the learner's own script, or finish it first."""
    script = work.path("tune.py")
    unfinished = not work.files.is_file(script) or b"NotImplementedError" in work.files.read(script)
    ours = work.snapshot.id(script) if not unfinished else None
    return expect.commands(
        "(finish the TODOs in tune.py)" if unfinished else None,
        'git add tune.py ../../learner.toml\ngit commit -m "Search a grid"' if ours is None else None,
        "python tune.py",
    )


def _fix_search(work: Workspace) -> str:
    """Search again. Whether the runs or the script that made them is wrong, the store does not tell."""
    return expect.commands(fix_tune(work), "(if the same is found again, change tune.py: README, step 1)")


def _families(work: Workspace, experiment: str) -> list[tuple[Run, list[Run]]]:
    """Each parent run of the experiment with its children, the oldest first."""
    found = store.tracking(work, fix=lambda: fix_tune(work)).experiment(experiment)
    if found is None:
        names = ", ".join(sorted(other.name for other in work.mlflow.experiments)) or "none"
        expect.fail(
            looked_at=f"the experiments in {work.mlflow.place}",
            expected=f"the experiment {experiment}",
            found=f"other experiments: {names}",
            fix=fix_tune(work),
        )
    runs = {run.id: run for run in work.mlflow.runs_of(found)}
    children: dict[str, list[Run]] = {}
    for run in runs.values():
        if run.parent in runs and run.parent != run.id:
            children.setdefault(run.parent, []).append(run)
    if not children:
        expect.fail(
            looked_at=f"the experiment {experiment}",
            expected=f"a parent run with {CHILDREN} or more children",
            found=f"{len(runs)} runs, none of them the child of another: mlflow.start_run(nested=True) makes one",
            fix=_fix_search(work),
        )
    return sorted(((runs[parent], family) for parent, family in children.items()), key=lambda pair: pair[0].start or 0)


def _complete(work: Workspace, parent: Run, family: list[Run]) -> Grid:
    finished = [run for run in family if run.status == "FINISHED"]
    children = tuple(run for run in finished if _has_error(run))
    if len(children) < CHILDREN:
        _explain_few(work, parent, family, finished, children)
    varied = _varied(children, _SEEDS | _COUNTERS)
    if len(varied) < 2:
        differs = _varied(children, frozenset())
        _fail(
            work,
            parent,
            expected="two or more hyperparameters with two or more values each",
            found=f"{'only ' if differs else ''}{', '.join(differs) or 'no parameter'} differs between its children",
        )
    _need_new_combinations(work, parent, children)
    _need_order(work, parent, children)
    if len({error(run) for run in children}) == 1:
        _fail(
            work,
            parent,
            expected="errors that depend on the hyperparameters",
            found=f"{METRIC} {error(children[0])} for each of {len(children)} combinations",
        )
    has_an_origin(work, parent, children, fix=fix_tune(work))
    return Grid(parent, children, varied)


def _has_error(run: Run) -> bool:
    """Whether the run has an error that a model can have: 0 has only who knows the answers."""
    value = run.metrics.get(METRIC)
    return value is not None and math.isfinite(value) and value > 0


def _varied(runs: Sequence[Run], but: frozenset[str]) -> tuple[str, ...]:
    names = sorted({name for run in runs for name in run.params})
    return tuple(
        name for name in names if name.lower() not in but and len({_value(run.params.get(name)) for run in runs}) > 1
    )


def _value(text: str | None) -> str | float | None:
    """A parameter's value: `4` and `4.0` are one number."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return text


def _need_new_combinations(work: Workspace, parent: Run, children: Sequence[Run]) -> None:
    names = _varied(children, _COUNTERS)
    seen: dict[tuple[str | float | None, ...], Run] = {}
    for run in children:
        combination = tuple(_value(run.params.get(name)) for name in names)
        other = seen.setdefault(combination, run)
        if other is not run:
            shown = ", ".join(f"{name}={run.params.get(name)}" for name in names)
            _fail(
                work,
                parent,
                expected="each combination of hyperparameters once",
                found=f"{shown} twice: the runs {other.name} and {run.name}",
            )


def _need_order(work: Workspace, parent: Run, children: Sequence[Run]) -> None:
    for run in children:
        began, ended = run.start, run.end
        if began is None or ended is None or ended < began:
            _fail(
                work, parent, expected="children that start and then end", found=f"{run.name} ended before it started"
            )
        if parent.start is not None and began < parent.start - _CLOCK:
            early = (parent.start - began) / 1000
            _fail(
                work,
                parent,
                expected="children that start after their parent",
                found=f"{run.name} started {early:,.0f} s before it",
            )


def _explain_few(
    work: Workspace, parent: Run, family: Sequence[Run], finished: Sequence[Run], children: Sequence[Run]
) -> NoReturn:
    found = f"only {len(children)} of these, among {len(family)} children"
    other = next((run for run in family if run not in finished), None)
    without = next((run for run in finished if run not in children), None)
    if without is not None:
        logged = ", ".join(sorted(without.metrics)) or "no metric"
        value = without.metrics.get(METRIC)
        found += f"; {without.name} has " + (f"{METRIC} {value}" if value is not None else f"{logged}, and no {METRIC}")
    elif other is not None:
        found += f"; {other.name} is {other.status}"
    _fail(work, parent, expected=f"{CHILDREN} or more finished children, each with its {METRIC}", found=found)


def _fail(work: Workspace, parent: Run, *, expected: str, found: str) -> NoReturn:
    expect.fail(
        looked_at=f"the parent run {parent.name} ({parent.id[:8]})",
        expected=expected,
        found=found,
        fix=_fix_search(work),
    )
