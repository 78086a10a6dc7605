"""Assertions over MLflow's model registry: versions of known origin, described and validated, and their aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checks import expect
from checks.expect import Failure, Unavailable

from .grid import Grid, best_runs, fix_tune

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.entities import ModelVersion, RegisteredModel, Run
    from checks.evidence.mlflow.mlmodel import Model

VERSIONS = 2
VALIDATED = "validated"
_NOT = frozenset({"", "0", "false", "no", "not", "none", "null", "f", "n", "failed", "rejected", "pending", "todo"})
"""Values of the tag that say the opposite, or nothing."""
_NO_STAGE = frozenset({"", "None", None})
_ELSEWHERE = re.compile(r"(?!file:|runs:|models:)[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""An address that is no place in a clone: a bucket, a server. One letter and `:` is a drive."""


def registered(work: Workspace, name: str) -> RegisteredModel:
    """The registered model of this name. Raises Failure where there is none."""
    model = work.mlflow.registered_model(name)
    others = ", ".join(sorted(other.name for other in work.mlflow.registered_models if other is not model))
    return expect.some(
        model if model is not None and model.versions else None,
        looked_at="the model registry",
        expected=f"the registered model {name} with {VERSIONS} or more versions",
        found="no version of it" if model is not None else f"only {others}" if others else "no registered model",
        fix=f"(register the models of two runs of the grid as versions of {name}: README, step 3)",
    )


def reviewed_versions(work: Workspace, name: str, grids: Sequence[Grid]) -> None:
    """Two or more versions, each of another run of a grid, with its model, a description and the tag `validated`.

    Raises Unavailable where the models that are wanted are outside of the clone, and all else is as it should be.
    """
    model = registered(work, name)
    good: set[str | None] = set()
    elsewhere: dict[str | None, Unavailable] = {}
    failures: list[Failure] = []
    for version in model.versions:
        run = run_id(work, version)
        fault = _fault(work, version, grids)
        if fault is None and run in good | elsewhere.keys():
            fault = _failure(
                version,
                "the model of another run than the versions before it",
                f"again the model of {_of_run(work, version)}",
                _fix_register(work, model, grids),
            )
        if fault is None:
            good.add(run)
        elif isinstance(fault, Unavailable):
            elsewhere[run] = fault
        else:
            failures.append(fault)
    if len(good) >= VERSIONS:
        return
    if len(good | elsewhere.keys()) >= VERSIONS:
        raise next(iter(elsewhere.values()))
    if failures:
        raise failures[-1]
    expect.fail(
        looked_at=f"the registered model {name}",
        expected=f"{VERSIONS} or more versions, each from another run of the grid",
        found=f"only version {model.versions[0].version}",
        fix=_fix_register(work, model, grids),
    )


def champion_and_challenger(work: Workspace, name: str, grids: Sequence[Grid]) -> None:
    """`champion` is a reviewed version of the best run, and `challenger` another version."""
    model = registered(work, name)
    best = best_runs(grids)
    versions = {version.version: version for version in model.versions}
    claimed = [version for version in model.versions if run_id(work, version) in best]
    faults = {version.version: _fault(work, version, grids) for version in claimed}
    of_the_best = [version for version in claimed if faults[version.version] is None]
    challengers = [version for version in model.versions if version not in of_the_best[:1]]
    if claimed and not of_the_best:
        raise next(fault for fault in reversed(faults.values()) if fault is not None)
    for alias, candidates in (("champion", of_the_best), ("challenger", challengers)):
        if model.aliases.get(alias) not in versions:
            _explain_no_alias(work, model, alias, candidates, grids)
    champion, challenger = (versions[model.aliases[alias]] for alias in ("champion", "challenger"))
    if champion not in of_the_best:
        run = next(iter(best.values()))
        expect.fail(
            looked_at=f"models:/{name}@champion",
            expected=f"a validated version of the best run, {run.name} (rmse {run.metrics['rmse']:.6g})",
            found=f"version {champion.version}, of {_of_run(work, champion)}",
            fix=_fix_alias(work, model, "champion", of_the_best, grids),
        )
    expect.that(
        challenger.version != champion.version,
        looked_at=f"models:/{name}@challenger",
        expected="another version than the champion",
        found=f"both aliases are at version {champion.version}",
        fix=_fix_alias(
            work, model, "challenger", [one for one in model.versions if one.version != champion.version], grids
        ),
    )


def run_id(work: Workspace, version: ModelVersion) -> str | None:
    """The run that a version's model comes from: recorded with the version, or with the logged model."""
    if version.run_id:
        return version.run_id
    logged = next((one for one in work.mlflow.logged_models if one.id == version.model_id), None)
    return logged.run_id if logged else None


def model_of(work: Workspace, version: ModelVersion) -> Model | None:
    """The model of a version, or None where its files are gone. Raises Unavailable where they are on another machine."""
    model = work.mlflow.model_of(version)
    address = _address(work, version)
    if model is None and _ELSEWHERE.match(address):
        raise Unavailable(
            f"the model of version {version.version} is at {address[:200]}, outside of the clone: "
            "hand in a store whose models are below the task folder, in mlruns"
        )
    return model


def _fault(work: Workspace, version: ModelVersion, grids: Sequence[Grid]) -> Failure | Unavailable | None:
    """What a version lacks: a run of a grid, a description, the tag, or its model."""
    try:
        run = _run_of_the_grid(work, version, grids)
        _need_review(version, run)
        _need_model(work, version, run, grids)
    except (Failure, Unavailable) as fault:
        return fault
    return None


def _run_of_the_grid(work: Workspace, version: ModelVersion, grids: Sequence[Grid]) -> Run:
    """The run of a grid that a version comes from."""
    id_ = run_id(work, version)
    run = next((run for grid in grids for run in grid.children if run.id == id_), None)
    if run is None:
        raise _failure(
            version,
            "a model that was logged in a child run of the grid",
            f"it comes from {_of_run(work, version)}, which is no child of a complete grid",
            _fix_register(work, registered(work, version.name), grids),
        )
    return run


def _need_model(work: Workspace, version: ModelVersion, run: Run, grids: Sequence[Grid]) -> None:
    """The version's model is there, and it was made in the run that the version names."""
    model = model_of(work, version)
    if model is None:
        found = f"no file MLmodel at {_address(work, version)[:200]}"
    elif model.run_id not in (None, run.id):
        found = f"a model whose MLmodel names another run, {str(model.run_id)[:8]}"
    else:
        found = f"no {model.lacking} beside the MLmodel, or an empty one" if model.lacking else ""
    if found:
        raise _failure(
            version,
            f"the model that was logged in run {run.name} ({run.id[:8]})",
            found,
            _registering(work, run, version.name) or _fix_register(work, registered(work, version.name), grids),
        )


def _need_review(version: ModelVersion, run: Run) -> None:
    name = version.name
    if not (version.description or "").strip():
        raise _failure(
            version,
            "a description: what is special about this version",
            "no description",
            _client(f"c.update_model_version('{name}', {version.version}, 'The model of {_plain(run.name)}')"),
        )
    tag = version.tags.get(VALIDATED)
    if tag is None or tag.strip().lower() in _NOT:
        others = ", ".join(sorted(version.tags)) or "no tag"
        raise _failure(
            version,
            f"the tag {VALIDATED}, with the value true",
            others if tag is None else f"{VALIDATED} = {tag[:40]!r}",
            _client(f"c.set_model_version_tag('{name}', {version.version}, '{VALIDATED}', 'true')"),
        )


def _explain_no_alias(
    work: Workspace, model: RegisteredModel, alias: str, candidates: Iterable[ModelVersion], grids: Sequence[Grid]
) -> None:
    staged = [f"version {one.version} is in {one.stage}" for one in model.versions if one.stage not in _NO_STAGE]
    aliases = ", ".join(sorted(model.aliases))
    found = f"only {aliases}" if aliases else "no alias"
    if staged:
        found += f"; {', '.join(staged)}: stages are deprecated, and no alias"
    expect.fail(
        looked_at=f"the aliases of the registered model {model.name}",
        expected=f"the alias {alias}",
        found=found,
        fix=_fix_alias(work, model, alias, candidates, grids),
    )


def _fix_alias(
    work: Workspace, model: RegisteredModel, alias: str, candidates: Iterable[ModelVersion], grids: Sequence[Grid]
) -> str:
    version = next(iter(candidates), None)
    if version is None:
        return _fix_register(work, model, grids)
    return _client(f"c.set_registered_model_alias('{model.name}', '{alias}', {version.version})")


def _fix_register(work: Workspace, model: RegisteredModel, grids: Sequence[Grid]) -> str:
    """Register the best model of the grids that is no version yet."""
    taken = {run_id(work, version) for version in model.versions}
    runs = sorted((run for grid in grids for run in grid.children), key=lambda run: run.metrics["rmse"])
    commands = (_registering(work, run, model.name) for run in runs if run.id not in taken)
    searched = expect.commands(fix_tune(work), "(then register the models of two of its runs: README, step 3)")
    return next(filter(None, commands), searched)


def _registering(work: Workspace, run: Run, name: str) -> str | None:
    """Register the model of a run, if it logged one that is still there."""
    there = {model.model_id for model in work.mlflow.models(run)}
    logged = next((one for one in work.mlflow.logged_models if one.id in there), None)
    return (
        None
        if logged is None
        else f"python -c \"import mlflow; mlflow.register_model('models:/{logged.id}', '{name}')\""
    )


def _address(work: Workspace, version: ModelVersion) -> str:
    """Where a version's model is, by the store's own word."""
    logged = next((one for one in work.mlflow.logged_models if one.id == version.model_id), None)
    if logged:
        return logged.artifact_location
    head, _, path = version.source.removeprefix("runs:/").partition("/")
    run = work.mlflow.run(head) if version.source.startswith("runs:/") else None
    return f"{run.artifact_uri.rstrip('/')}/{path}" if run else version.source


def _plain(text: str) -> str:
    """Letters and digits of a name that is typed into a command: names in a store are anybody's."""
    return re.sub(r"[^\w .=-]", "", text)[:60]


def _client(call: str) -> str:
    return f'python -c "import mlflow; c = mlflow.MlflowClient(); {call}"'


def _of_run(work: Workspace, version: ModelVersion) -> str:
    run_ = run_id(work, version)
    run = work.mlflow.run(run_) if run_ else None
    if run is not None:
        return f"run {run.name} ({run.id[:8]})"
    return f"run {run_[:8]}, which the store does not hold" if run_ else "no run"


def _failure(version: ModelVersion, expected: str, found: str, fix: str) -> Failure:
    return Failure(f"version {version.version} of {version.name}", expected, found, fix)
