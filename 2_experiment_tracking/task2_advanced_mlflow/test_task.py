"""Task 2.2: do MLflow's store, the registry and Git show a search, its best model, its review, and how to run it again?"""

import math
import weakref

from checks import Unavailable, Workspace, expect, step
from checks.assertions import project, registry, serving, tuning
from checks.assertions.tuning import Grid
from checks.course import data
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.entities import Run
from checks.workspace import Form

NAME = "bike-demand"  # of the experiment, and of the registered model
BEST = "best_run.json"
PREDICTION = "prediction.json"
MONTHS = 3
FIX_SERVE = f"""mlflow models serve -m models:/{NAME}@champion --env-manager local --port 5001
(in a second terminal: send it a request, keep both in {PREDICTION} and commit it: README, step 6)"""

_GRIDS: weakref.WeakKeyDictionary[Workspace, tuple[Grid, ...]] = weakref.WeakKeyDictionary()


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
    registry.reviewed_versions(work, NAME, _grids(work))


@step("alias")
def test_alias(work: Workspace) -> None:
    """`champion` is the best run's version, `challenger` another."""
    registry.champion_and_challenger(work, NAME, _grids(work))


@step("project")
def test_project(work: Workspace) -> None:
    """`MLproject` has a typed entry point `main` and an environment of exact versions, all committed."""
    found = project.committed_project(work)
    project.typed_entry_point(work, found, "main")
    project.pinned_environment(work, found)


@step("serve")
def test_serve(work: Workspace) -> None:
    """`prediction.json` holds a request that the champion's signature takes, and an answer that it can have given."""
    kept = serving.Kept(work, PREDICTION, FIX_SERVE)
    model = registry.registered(work, NAME)
    champion = next(version for version in model.versions if version.version == model.aliases["champion"])
    served = registry.model_of(work, champion)
    if served is None:
        kept.fail("request", "a champion whose model can be served", f"version {champion.version} without its model")
    most = max(int(line.rpartition(b",")[2]) for line in data.months(work.learner.id, MONTHS).splitlines()[1:])
    # A straight line may go below zero and above what was ever seen, but not far.
    serving.answers(kept, serving.fits(kept, served), -most, 2 * most)
    serving.refused(kept)


def _grids(work: Workspace) -> tuple[Grid, ...]:
    """The complete grids, the oldest first; three steps ask for them."""
    if work.form is Form.BRANCH:
        raise Unavailable("a branch carries no MLflow store: hand in the clone with its mlflow.db and mlruns")
    if work not in _GRIDS:
        _GRIDS[work] = tuning.complete_grids(work, NAME)
    return _GRIDS[work]


def _best_fault(work: Workspace, content: bytes) -> tuple[str, str] | None:
    """What `best_run.json` should hold and what it holds, or None where it is true."""
    told = parse_json(content, BEST)
    if not isinstance(told, dict):
        return "an object with run_id, params and rmse", "another value"
    lacking = [key for key in ("run_id", "params", "rmse") if key not in told]
    if lacking:
        return "the keys run_id, params and rmse", f"no {', '.join(lacking)}"
    grids = _grids(work)
    best = tuning.best_runs(grids)
    run_id = told["run_id"]
    run = best.get(run_id) if isinstance(run_id, str) else None
    if run is None:
        right = next(iter(best.values()))
        return (
            f"the run with the lowest error: {right.name} ({right.id[:8]}), rmse {tuning.error(right):.6g}",
            _other_run(grids, run_id),
        )
    rmse, error = told["rmse"], tuning.error(run)
    if isinstance(rmse, bool) or not isinstance(rmse, int | float) or not tuning.same(rmse, error):
        return f"rmse {error!r}, as the store has it", f"rmse {str(rmse)[:40]}"
    varied = {name for grid in grids if run in grid.children for name in grid.varied}
    return _params_fault(told["params"], run, varied)


def _params_fault(told: object, run: Run, varied: set[str]) -> tuple[str, str] | None:
    if not isinstance(told, dict):
        return "an object `params` with the run's hyperparameters", "another value"
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
        return f"{runs[run_id].name} ({run_id[:8]}), rmse {tuning.error(runs[run_id]):.6g}"
    return f"run_id {str(run_id)[:40]}, which is no child of a complete grid"


def _fix_best(work: Workspace, *, tune: bool) -> str:
    return expect.commands(
        tuning.fix_tune(work) if tune else None, f'git add {BEST}\ngit commit -m "Keep the best run of the grid"'
    )
