"""Task 2.2: do MLflow's store, the registry and Git show a search, its best model, its review, and how to run it again?"""

import json
import math
from collections.abc import Sequence
from typing import Any

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import remade
from checks.assertions.once import once
from checks.assertions.store import NEW_STORE
from checks.core import data
from checks.core.workspace import Form, Remade, Script
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.entities import Run

from .checking import grid, project, project_run, registry, served, serving
from .checking.grid import Grid

NAME = "bike-demand"  # of the experiment, and of the registered model
BEST = "best_run.json"
PREDICTION = "prediction.json"
MONTHS = 3
DATA = {"data/rentals.csv": MONTHS}
SCRIPT = "tune.py"
FIX_SERVE = f"""mlflow models serve -m models:/{NAME}@champion --env-manager local --port 5001
(in a second terminal: send it a request, keep both in {PREDICTION} and commit it: README, step 6)"""


@step("grid")
def test_grid(work: Workspace) -> None:
    """A parent run has six finished children over two hyperparameters, no combination twice, and they are yours."""
    _ = work.learner  # without an id nobody knows whose data it is
    _grids(work)


@step("best")
def test_best(work: Workspace) -> None:
    """The committed `best_run.json` is the store's minimum: its run, its parameters, its error."""
    content = work.snapshot.read(work.path(BEST))
    if content is None:
        there = work.files.is_file(work.path(BEST))
        expect.fail(
            looked_at=f"{BEST} in the last commit of {work.branch}",
            expected="the best run of the grid: run_id, params, rmse",
            found="it is there, but not committed" if there else "no such file",
            fix=_fix_best(work, tune=not there),
        )
    fault = _best_fault(work, content)
    if fault is None and work.form is Form.BRANCH:
        _best_of_a_rebuild(work, parse_json(content, BEST))
    if fault:
        expected, found = fault
        on_disk = work.files.read(work.path(BEST)) if work.files.is_file(work.path(BEST)) else content
        newer = on_disk != content and _best_fault(work, on_disk) is None
        expect.fail(
            looked_at=f"{BEST} in the last commit of {work.branch}",
            expected=expected,
            found=found + ("; the file in your folder is right, and not committed" if newer else ""),
            fix=_fix_best(work, tune=not newer),
        )


@step("register")
def test_register(work: Workspace) -> None:
    """Two versions of the registered model come from runs of the grid, each described and validated."""
    _need_a_registry(work)
    registry.reviewed_versions(work, NAME, _grids(work))


@step("alias")
def test_alias(work: Workspace) -> None:
    """`champion` is the best run's version, `challenger` another."""
    _need_a_registry(work)
    registry.champion_and_challenger(work, NAME, _grids(work))


@step("project")
def test_project(work: Workspace) -> None:
    """`MLproject` has a typed entry point `main` and an environment of exact versions, all committed."""
    found = project.committed_project(work)
    point = project.typed_entry_point(work, found, "main")
    project.pinned_environment(work, found)
    if work.rebuild is not None:
        project_run.defaults(found, point)
        made = project_run.made_by(work, NAME, DATA)
        project_run.logs_its_run(made, NAME, fix=f"(let the command of {found.path} run your search)")


@step("serve")
def test_serve(work: Workspace) -> None:
    """`prediction.json` holds a request that the champion's signature takes, and an answer that it can have given."""
    kept = serving.Kept(work, PREDICTION, FIX_SERVE)
    model = registry.registered(work, NAME)
    champion = next(version for version in model.versions if version.version == model.aliases["champion"])
    champions = registry.model_of(work, champion)
    if champions is None:
        kept.fail("request", "a champion whose model can be served", f"version {champion.version} without its model")
    most = max(int(line.rpartition(b",")[2]) for line in data.months(work.learner.id, MONTHS).splitlines()[1:])
    # A straight line may go below zero and above what was ever seen, but not far.
    serving.answers(kept, serving.fits(kept, champions), -most, 2 * most)
    serving.refused(kept)
    if work.rebuild is not None:
        served.gives_the_kept_answer(work, kept, champions)


@once
def _grids(work: Workspace) -> tuple[Grid, ...]:
    """The complete grids, the oldest first; three steps ask for them."""
    return grid.complete_grids(_searched(work).work if work.form is Form.BRANCH else work, NAME)


def _searched(work: Workspace, number: int = 0) -> Remade:
    """What the search of a branch makes in a fresh clone: `mlflow run`, or the script where there is no project yet."""
    if work.rebuild is None:
        raise Unavailable("a branch carries no MLflow store: hand in the clone with its mlflow.db and mlruns")
    try:
        found = project.committed_project(work)
        project_run.defaults(found, project.typed_entry_point(work, found, "main"))
    except Failure:
        made = work.made(Script(f"{NEW_STORE}python {SCRIPT}  # rebuild {number}", data=DATA))
        remade.finished(made, f"python {SCRIPT}", fix=f"git status --short\n(commit everything that {SCRIPT} needs)")
        return made
    return project_run.made_by(work, NAME, DATA, number)


def _need_a_registry(work: Workspace) -> None:
    """Who looked at a version and agreed, no commit tells: what was registered can't be made again from it."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no model registry: hand in the clone with its mlflow.db and mlruns")


def _best_fault(work: Workspace, content: bytes) -> tuple[str, str] | None:
    """What `best_run.json` should hold and what it holds, or None where it is true."""
    told = parse_json(content, BEST)
    fault = _form_fault(told)
    if fault or work.form is Form.BRANCH:  # its run is one of the learner's own store: see `_best_of_a_rebuild`
        return fault
    grids = _grids(work)
    best = grid.best_runs(grids)
    run_id = told["run_id"]
    run = best.get(run_id) if isinstance(run_id, str) else None
    if run is None:
        right = next(iter(best.values()))
        return (
            f"the run with the lowest error: {right.name} ({right.id[:8]}), rmse {grid.error(right):.6g}",
            _other_run(grids, run_id),
        )
    rmse, error = told["rmse"], grid.error(run)
    if not grid.same(rmse, error):
        return f"rmse {error!r}, as the store has it", f"rmse {str(rmse)[:40]}"
    varied = {name for grid in grids if run in grid.children for name in grid.varied}
    return _params_fault(told["params"], run, varied)


def _form_fault(told: Any) -> tuple[str, str] | None:
    """What no `best_run.json` may lack."""
    if not isinstance(told, dict):
        return "an object with run_id, params and rmse", "another value"
    lacking = [key for key in ("run_id", "params", "rmse") if key not in told]
    if lacking:
        return "the keys run_id, params and rmse", f"no {', '.join(lacking)}"
    if not isinstance(told["params"], dict):
        return "an object `params` with the run's hyperparameters", "another value"
    rmse = told["rmse"]
    if isinstance(rmse, bool) or not isinstance(rmse, int | float) or not abs(rmse) < 1e300:
        return "rmse as a number, as the store has it", f"rmse {str(rmse)[:40]}"
    return None


def _best_of_a_rebuild(work: Workspace, told: dict[str, Any]) -> None:
    """The search of a fresh clone finds the committed parameters the best, with the committed error.

    The `run_id` is one of the learner's own store: no run that is made again can have it.
    """
    looked_at = f"{BEST} in the last commit of {work.branch}, and the grid that a rebuild of it makes"
    fix = _fix_best(work, tune=True)

    def errors(grids: Sequence[Grid]) -> dict[str, float]:
        same = [
            run for grid in grids for run in grid.children if not _params_fault(told["params"], run, {*grid.varied})
        ]
        return {"rmse": min(map(grid.error, same))} if same else {}

    grids = _grids(work)
    best = min((run for grid in grids for run in grid.children), key=grid.error)
    right = ", ".join(f"{name} {best.params.get(name)}" for name in grids[-1].varied)
    shown = json.dumps(told["params"])[:80]
    if not errors(grids):
        expect.fail(
            looked_at=looked_at, expected=f"the params of one of its runs, such as {right}", found=shown, fix=fix
        )
    remade.same_numbers(
        {"rmse": told["rmse"]},
        lambda again: errors(grid.complete_grids(_searched(work, 1).work, NAME) if again else grids),
        where=f"{BEST} in your commit",
        script="your search",
        mend_chance=expect.commands(f"(in {SCRIPT}: give everything that is random a seed)", fix),
        mend_other=fix,
    )
    lowest = grid.error(best)
    expect.that(
        told["rmse"] <= lowest * (1 + remade.TOLERANCE),
        looked_at=looked_at,
        expected=f"the lowest error: {right}, rmse {lowest:.6g}",
        found=f"{shown}, rmse {told['rmse']:.6g}",
        fix=fix,
    )


def _params_fault(told: dict[str, Any], run: Run, varied: set[str]) -> tuple[str, str] | None:
    for name in sorted(varied & run.params.keys() | told.keys()):
        stored = run.params.get(name)
        if name not in told or stored is None or not _equal(told[name], stored):
            shown = str(told[name])[:40] if name in told else "nothing"
            return f"{name} = {stored if stored is not None else 'nothing'}, as the store has it", f"{name} = {shown}"
    return None


def _equal(told: object, stored: str) -> bool:
    """Whether a value is the stored text, or the same number."""
    if str(told).casefold() == stored.casefold():
        return True
    if told is None or isinstance(told, bool | list | dict):
        return stored.casefold() in ("none", "null") if told is None else False
    try:
        return math.isclose(float(str(told)), float(stored), rel_tol=1e-9)
    except ValueError:
        return False


def _other_run(grids: tuple[Grid, ...], run_id: object) -> str:
    runs = {run.id: run for grid in grids for run in grid.children}
    if isinstance(run_id, str) and run_id in runs:
        return f"{runs[run_id].name} ({run_id[:8]}), rmse {grid.error(runs[run_id]):.6g}"
    return f"run_id {str(run_id)[:40]}, which is no child of a complete grid"


def _fix_best(work: Workspace, *, tune: bool) -> str:
    return expect.commands(
        grid.fix_tune(work) if tune else None, f'git add {BEST}\ngit commit -m "Keep the best run of the grid"'
    )
