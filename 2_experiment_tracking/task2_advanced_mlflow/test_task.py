"""Task 2.2: do MLflow's store, the registry and Git show a search, its best model, its review, and how to run it again?"""

import json
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import rebuilt
from checks.assertions.once import once
from checks.core import data
from checks.core.workspace import Form, Rebuilt
from checks.evidence.documents import convert, parse_json
from checks.evidence.mlflow.entities import Run

from .checking import project, served
from .checking.grid import Grid, best_runs, complete_grids, error, same
from .checking.prediction import Kept
from .checking.registry import Registry, Review
from .checking.search import MONTHS, SCRIPT, another_search, commit, committed

BEST = "best_run.json"
_MESSAGE = "Keep the best run of the grid"


@step("grid")
def test_grid(work: Workspace) -> None:
    """A parent run has six finished children over two hyperparameters, no combination twice, and they are yours."""
    _ = work.learner  # without an id nobody knows whose data it is
    _grids(work)


@step("best")
def test_best(work: Workspace) -> None:
    """The committed `best_run.json` is the store's minimum: its run, its parameters, its error."""
    if work.form is Form.BRANCH:
        _need_best_of_rebuilds(work, _grids(work), lambda: complete_grids(_rebuilt_search(work, 1).work))
    else:
        _need_best_run(work, _grids(work))


@step("register")
def test_register(work: Workspace) -> None:
    """Two versions of the registered model come from runs of the grid, each described and validated."""
    _need_a_registry(work)
    Review(work, _grids(work)).need_versions()


@step("alias")
def test_alias(work: Workspace) -> None:
    """`champion` is the best run's version, `challenger` another."""
    _need_a_registry(work)
    Review(work, _grids(work)).need_aliases()


@step("project")
def test_project(work: Workspace) -> None:
    """`MLproject` has a typed entry point `main` and an environment of exact versions, all committed."""
    found = project.committed_project(work)
    point = project.typed_entry_point(work, found)
    project.pinned_environment(work, found)
    if work.rebuild is not None:
        project.has_defaults(found, point)
        project.logs_its_run(project.rebuild(work), found)


@step("serve")
def test_serve(work: Workspace) -> None:
    """`prediction.json` holds a request that the champion's signature takes, and an answer that it can have given."""
    kept, registry = Kept(work), Registry(work)
    champion = registry.champion()
    model = registry.model_of(champion)
    if model is None:
        kept.fail("request", "a champion whose model can be served", f"version {champion.version} without its model")
    kept.need_plausible(kept.rows(model), most=max(data.rentals(work.learner.id, MONTHS)))
    kept.need_refused()
    if work.rebuild is not None:
        served.gives_the_kept_answer(work, kept, model)


@once
def _grids(work: Workspace) -> tuple[Grid, ...]:
    """The complete grids, the oldest first; three steps ask for them. A branch's are those that a rebuild makes."""
    return complete_grids(_rebuilt_search(work).work if work.form is Form.BRANCH else work)


def _rebuilt_search(work: Workspace, number: int = 0) -> Rebuilt:
    """The search of a branch in a fresh clone: `mlflow run`, or the script where there is no project yet."""
    if work.rebuild is None:
        raise Unavailable("a branch carries no MLflow store: hand in the clone with its mlflow.db and mlruns")
    try:
        found = project.committed_project(work)
        project.has_defaults(found, project.typed_entry_point(work, found))
    except Failure:
        return project.rebuild_by_script(work, number)
    return project.rebuild(work, number)


def _need_a_registry(work: Workspace) -> None:
    """A branch has no registry, and a rebuild makes none: no commit says that somebody looked at a version and agreed."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no model registry: hand in the clone with its mlflow.db and mlruns")


class BestRun(msgspec.Struct, frozen=True):
    """The file. A run of another store has another id, of any form."""

    run_id: Any
    params: dict[str, Any]
    rmse: float


def _need_best_run(work: Workspace, grids: Sequence[Grid]) -> None:
    """The committed file is true of the store."""
    content, path = _content(work), work.path(BEST)
    about = expect.Subject(f"{BEST} in the last commit of {work.branch}", lambda: _fix(work))
    try:
        _need_true(content, grids, about)
    except Failure as failure:
        on_disk = work.files.read(path) if work.files.is_file(path) else content
        if on_disk == content or not _is_true(on_disk, grids, about):
            raise
        found = f"{failure.found}; the file in your folder is right, and not committed"
        raise Failure(failure.looked_at, failure.expected, found, commit(BEST, _MESSAGE)) from None


def _need_best_of_rebuilds(work: Workspace, grids: Sequence[Grid], more: Callable[[], Sequence[Grid]]) -> None:
    """The search of a fresh clone finds the committed parameters the best, with the committed error.

    The `run_id` is one of the learner's own store: no rebuild can have it. `more` are the grids of one more rebuild.
    """
    fix = _fix(work)
    where = f"{BEST} in the last commit of {work.branch}, and the grid that a rebuild of it makes"
    about = expect.Subject(where, fix)
    told = _parsed(_content(work), about)

    def errors(grids: Sequence[Grid]) -> dict[str, float]:
        alike = [run for grid in grids for run in grid.children if _other_params(told.params, run, grid.varied) is None]
        return {"rmse": min(map(error, alike))} if alike else {}

    best = min((run for grid in grids for run in grid.children), key=error)
    right = ", ".join(f"{name} {best.params.get(name)}" for name in grids[-1].varied)
    shown = json.dumps(told.params)[:80]
    about.that(errors(grids), f"the params of one of its runs, such as {right}", shown)
    rebuilt.same_numbers(
        {"rmse": told.rmse},
        lambda again: errors(more() if again else grids),
        where=f"{BEST} in your commit",
        script="your search",
        mend_chance=f"(in {SCRIPT}: give everything that is random a seed)\n{fix}",
        mend_other=fix,
    )
    about.that(
        told.rmse <= error(best) * (1 + rebuilt.TOLERANCE),
        f"the lowest error: {right}, rmse {error(best):.6g}",
        f"{shown}, rmse {told.rmse:.6g}",
    )


def _content(work: Workspace) -> bytes:
    expected = "the best run of the grid: run_id, params, rmse"
    return committed(work, BEST, expected, message=_MESSAGE, make=_fix(work))


def _fix(work: Workspace) -> str:
    return f"{another_search(work)}\n{commit(BEST, _MESSAGE)}"


def _parsed(content: bytes, about: expect.Subject) -> BestRun:
    try:
        return convert(parse_json(content, BEST), BestRun, BEST)
    except Failure as failure:
        about.fail("an object with run_id, params and rmse", failure.found)


def _is_true(content: bytes, grids: Sequence[Grid], about: expect.Subject) -> bool:
    try:
        _need_true(content, grids, about)
    except Failure:
        return False
    return True


def _need_true(content: bytes, grids: Sequence[Grid], about: expect.Subject) -> None:
    told, best = _parsed(content, about), best_runs(grids)
    run = best.get(told.run_id) if isinstance(told.run_id, str) else None
    if run is None:
        right = next(iter(best.values()))
        about.fail(f"the run with the lowest error: {_shown(right)}", _other_run(grids, told.run_id))
    rmse = error(run)
    about.that(same(told.rmse, rmse), f"rmse {rmse!r}, as the store has it", f"rmse {told.rmse}")
    varied = {name for grid in grids if run in grid.children for name in grid.varied}
    name = _other_params(told.params, run, varied)
    if name is not None:
        expected = f"{name} = {run.params.get(name, 'nothing')}, as the store has it"
        about.fail(expected, f"{name} = {str(told.params.get(name, 'nothing'))[:40]}")


def _other_params(told: dict[str, Any], run: Run, varied: Collection[str]) -> str | None:
    """The first parameter that is not the run's: of those that were varied, and of those that are told."""
    names = sorted(set(varied) & run.params.keys() | told.keys())
    stored = run.params
    return next(
        (name for name in names if name not in told or name not in stored or not _equal(told[name], stored[name])), None
    )


def _equal(told: object, stored: str) -> bool:
    """Whether a value is the stored text, or the same number."""
    if str(told).casefold() == stored.casefold():
        return True
    if told is None or isinstance(told, bool | list | dict):
        return told is None and stored.casefold() in ("none", "null")
    try:
        return math.isclose(float(str(told)), float(stored), rel_tol=1e-9)
    except ValueError:
        return False


def _shown(run: Run) -> str:
    return f"{run.name} ({run.id[:8]}), rmse {error(run):.6g}"


def _other_run(grids: Sequence[Grid], run_id: object) -> str:
    run = next((run for grid in grids for run in grid.children if run.id == run_id), None)
    return _shown(run) if run else f"run_id {str(run_id)[:40]}, which is no child of a complete grid"
