"""A search for hyperparameters: one parent run in MLflow, and a finished child for each combination."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from checks import Failure, Workspace, expect
from checks.assertions.store import tracking
from checks.evidence.mlflow.entities import Run

from .search import NAME, SCRIPT, another_search, has_an_origin

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


def complete_grids(work: Workspace) -> tuple[Grid, ...]:
    """The complete grids of the experiment, the oldest first. Raises Failure where there is none."""
    complete: list[Grid] = []
    failures: list[tuple[int, Failure]] = []
    for parent, children in _families(work):
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


def _another_or_changed(work: Workspace) -> str:
    """Search again. Whether the runs or the script that made them is wrong, the store does not tell."""
    return f"{another_search(work)}\n(if the same is found again, change {SCRIPT}: README, step 1)"


def _families(work: Workspace) -> list[tuple[Run, list[Run]]]:
    """Each parent run of the experiment with its children, the oldest first."""
    store = tracking(work, fix=partial(another_search, work))
    found = store.experiment(NAME)
    if found is None:
        about = expect.Subject(f"the experiments in {store.place}", another_search(work))
        instead = f"other experiments: {', '.join(sorted(other.name for other in store.experiments)) or 'none'}"
        about.fail(f"the experiment {NAME}", instead)
    runs = {run.id: run for run in store.runs_of(found)}
    children: dict[str, list[Run]] = {}
    for run in runs.values():
        if run.parent in runs and run.parent != run.id:
            children.setdefault(run.parent, []).append(run)
    about = expect.Subject(f"the experiment {NAME}", partial(_another_or_changed, work))
    instead = f"{len(runs)} runs, none of them the child of another: mlflow.start_run(nested=True) makes one"
    about.that(children, f"a parent run with {CHILDREN} or more children", instead)
    return sorted(((runs[parent], family) for parent, family in children.items()), key=lambda pair: pair[0].start or 0)


def _complete(work: Workspace, parent: Run, family: list[Run]) -> Grid:
    about = expect.Subject(f"the parent run {parent.name} ({parent.id[:8]})", partial(_another_or_changed, work))
    finished = [run for run in family if run.status == "FINISHED"]
    children = tuple(run for run in finished if _has_error(run))
    if len(children) < CHILDREN:
        expected = f"{CHILDREN} or more finished children, each with its {METRIC}"
        about.fail(expected, f"only {len(children)} of these, among {len(family)} children{_no_error(family)}")
    varied = _varied(children, but=_SEEDS | _COUNTERS)
    differs = _varied(children, but=())
    about.that(
        len(varied) >= 2,
        "two or more hyperparameters with two or more values each",
        f"{'only ' if differs else ''}{', '.join(differs) or 'no parameter'} differs between its children",
    )
    _each_combination_once(about, children)
    _in_order(about, parent, children)
    about.that(
        len({error(run) for run in children}) > 1,
        "errors that depend on the hyperparameters",
        f"{METRIC} {error(children[0])} for each of {len(children)} combinations",
    )
    has_an_origin(work, parent, children, fix=partial(another_search, work))
    return Grid(parent, children, varied)


def _has_error(run: Run) -> bool:
    """Whether the run has an error that a model can have: 0 has only who knows the answers."""
    value = run.metrics.get(METRIC)
    return value is not None and math.isfinite(value) and value > 0


def _no_error(family: Sequence[Run]) -> str:
    """The first run that has no error or is not finished, in words."""
    for run in family:
        if run.status == "FINISHED" and not _has_error(run):
            others = f"{', '.join(sorted(run.metrics)) or 'no metric'}, and no {METRIC}"
            return f"; {run.name} has {f'{METRIC} {run.metrics[METRIC]}' if METRIC in run.metrics else others}"
    other = next((run for run in family if run.status != "FINISHED"), None)
    return f"; {other.name} is {other.status}" if other else ""


def _varied(runs: Sequence[Run], *, but: Collection[str]) -> tuple[str, ...]:
    names = sorted({name for run in runs for name in run.params if name.lower() not in but})
    return tuple(name for name in names if len({_value(run.params.get(name)) for run in runs}) > 1)


def _value(text: str | None) -> str | float | None:
    """A parameter's value: `4` and `4.0` are one number."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return text


def _each_combination_once(about: expect.Subject, children: Sequence[Run]) -> None:
    names = _varied(children, but=_COUNTERS)
    seen: dict[tuple[str | float | None, ...], Run] = {}
    for run in children:
        other = seen.setdefault(tuple(_value(run.params.get(name)) for name in names), run)
        shown = ", ".join(f"{name}={run.params.get(name)}" for name in names)
        twice = f"{shown} twice: the runs {other.name} and {run.name}"
        about.that(other is run, "each combination of hyperparameters once", twice)


def _in_order(about: expect.Subject, parent: Run, children: Sequence[Run]) -> None:
    for run in children:
        if run.start is None or run.end is None or run.end < run.start:
            about.fail("children that start and then end", f"{run.name} ended before it started")
        early = 0 if parent.start is None else parent.start - run.start
        late = f"{run.name} started {early / 1000:,.0f} s before it"
        about.that(early <= _CLOCK, "children that start after their parent", late)
