"""The model registry: versions of known origin, described and validated, and the aliases that name two of them."""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from checks import Failure, Unavailable, Workspace, expect
from checks.assertions.store import tracking
from checks.evidence.mlflow.entities import LoggedModel, ModelVersion, Run
from checks.evidence.mlflow.mlmodel import Model
from checks.expect import Fix

from .grid import Grid, best_runs, error
from .search import NAME, another_search

VERSIONS = 2
VALIDATED = "validated"
_NOT = frozenset({"", "0", "false", "no", "not", "none", "null", "f", "n", "failed", "rejected", "pending", "todo"})
"""Values of the tag that say the opposite, or nothing."""
_ELSEWHERE = re.compile(r"(?!file:|runs:|models:)[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""An address that is no place in a clone: a bucket, a server. One letter and `:` is a drive."""


class Registry:
    """The registered model of a workspace. Raises Failure where it has no version."""

    def __init__(self, work: Workspace) -> None:
        self.store = tracking(work, fix=partial(another_search, work))
        model = self.store.registered_model(NAME)
        others = ", ".join(sorted(other.name for other in self.store.registered_models if other is not model))
        fix = f"(register the models of two runs of the grid as versions of {NAME}: README, step 3)"
        about = expect.Subject("the model registry", fix)
        expected = f"the registered model {NAME} with {VERSIONS} or more versions"
        found = "no version of it" if model is not None else f"only {others}" if others else "no registered model"
        self.model = about.some(model if model is not None and model.versions else None, expected, found)

    def champion(self) -> ModelVersion:
        """The version that the alias `champion` is at."""
        return next(one for one in self.model.versions if one.version == self.model.aliases["champion"])

    def model_of(self, version: ModelVersion) -> Model | None:
        """The model of a version, or None where its files are gone. Raises Unavailable where they are elsewhere."""
        model = self.store.model_of(version)
        address = self.address(version)
        if model is None and _ELSEWHERE.match(address):
            raise Unavailable(
                f"the model of version {version.version} is at {address[:200]}, outside of the clone: "
                "hand in a store whose models are below the task folder, in mlruns"
            )
        return model

    def run_id(self, version: ModelVersion) -> str | None:
        """The run that a version's model comes from: recorded with the version, or with the logged model."""
        logged = self._logged(version)
        return version.run_id or (logged.run_id if logged else None)

    def run_of(self, version: ModelVersion) -> str:
        """The same run in words."""
        id_ = self.run_id(version)
        run = self.store.run(id_) if id_ else None
        if run is not None:
            return f"run {run.name} ({run.id[:8]})"
        return f"run {id_[:8]}, which the store does not hold" if id_ else "no run"

    def address(self, version: ModelVersion) -> str:
        """The place of a version's model, by the store's own word."""
        logged = self._logged(version)
        if logged:
            return logged.artifact_location
        head, _, path = version.source.removeprefix("runs:/").partition("/")
        run = self.store.run(head) if version.source.startswith("runs:/") else None
        return f"{run.artifact_uri.rstrip('/')}/{path}" if run else version.source

    def registering(self, run: Run) -> str | None:
        """The command that registers the model of a run, if it logged one that is still there."""
        there = {model.model_id for model in self.store.models(run)}
        logged = next((one for one in self.store.logged_models if one.id in there), None)
        return (
            None
            if logged is None
            else f"python -c \"import mlflow; mlflow.register_model('models:/{logged.id}', '{NAME}')\""
        )

    def _logged(self, version: ModelVersion) -> LoggedModel | None:
        return next((one for one in self.store.logged_models if one.id == version.model_id), None)


class Review:
    """The versions of the registered model, held against the runs of complete grids."""

    def __init__(self, work: Workspace, grids: Sequence[Grid]) -> None:
        self.registry = Registry(work)
        self.versions = self.registry.model.versions
        self._children = {run.id: run for grid in grids for run in grid.children}
        self._best = best_runs(grids)
        self._search = partial(another_search, work)

    def need_versions(self) -> None:
        """Two or more versions, each of another run of a grid, with its model, a description and the tag `validated`.

        Raises Unavailable where the models that are wanted are outside of the clone, and all else is as it should be.
        """
        good: set[str | None] = set()
        elsewhere: dict[str | None, Unavailable] = {}
        failures: list[Failure] = []
        for version in self.versions:
            run, fault = self.registry.run_id(version), self._fault(version)
            if fault is None and run in good | elsewhere.keys():
                again = f"again the model of {self.registry.run_of(version)}"
                about = _about(version, self._register)
                fault = about.failure("the model of another run than the versions before it", again)
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
        about = expect.Subject(f"the registered model {NAME}", self._register)
        found = f"only version {self.versions[0].version}"
        about.fail(f"{VERSIONS} or more versions, each from another run of the grid", found)

    def need_aliases(self) -> None:
        """`champion` is at a good version of the best run, and `challenger` at another version."""
        aliases = self.registry.model.aliases
        versions = {version.version: version for version in self.versions}
        claimed = [version for version in self.versions if self.registry.run_id(version) in self._best]
        faults = [self._fault(version) for version in claimed]
        good = [version for version, fault in zip(claimed, faults, strict=True) if fault is None]
        if claimed and not good:
            raise next(fault for fault in reversed(faults) if fault is not None)
        others = [version for version in self.versions if version not in good[:1]]
        for alias, candidates in (("champion", good), ("challenger", others)):
            if aliases.get(alias) not in versions:
                self._no_alias(alias, candidates)
        champion, challenger = (versions[aliases[alias]] for alias in ("champion", "challenger"))
        if champion not in good:
            best = next(iter(self._best.values()))
            about = expect.Subject(f"models:/{NAME}@champion", self._set_alias("champion", good))
            found = f"version {champion.version}, of {self.registry.run_of(champion)}"
            about.fail(f"a validated version of the best run, {best.name} (rmse {error(best):.6g})", found)
        fix = self._set_alias("challenger", [one for one in self.versions if one.version != champion.version])
        about = expect.Subject(f"models:/{NAME}@challenger", fix)
        instead = f"both aliases are at version {champion.version}"
        about.that(challenger.version != champion.version, "another version than the champion", instead)

    def _fault(self, version: ModelVersion) -> Failure | Unavailable | None:
        """The first thing that a version lacks: a run of a grid, a description, the tag, or its model."""
        try:
            run = self._run_of_a_grid(version)
            _need_review(version, run)
            self._need_model(version, run)
        except (Failure, Unavailable) as fault:
            return fault
        return None

    def _run_of_a_grid(self, version: ModelVersion) -> Run:
        run = self._children.get(self.registry.run_id(version) or "")
        if run is None:
            found = f"it comes from {self.registry.run_of(version)}, which is no child of a complete grid"
            _about(version, self._register).fail("a model that was logged in a child run of the grid", found)
        return run

    def _need_model(self, version: ModelVersion, run: Run) -> None:
        """The version's model is there, and it was made in the run that the version names."""
        model = self.registry.model_of(version)
        if model is None:
            found = f"no file MLmodel at {self.registry.address(version)[:200]}"
        elif model.run_id not in (None, run.id):
            found = f"a model whose MLmodel names another run, {str(model.run_id)[:8]}"
        else:
            found = f"no {model.lacking} beside the MLmodel, or an empty one" if model.lacking else ""
        about = _about(version, lambda: self.registry.registering(run) or self._register())
        about.that(not found, f"the model that was logged in run {run.name} ({run.id[:8]})", found)

    def _no_alias(self, alias: str, candidates: Iterable[ModelVersion]) -> None:
        staged = [f"version {one.version} is in {one.stage}" for one in self.versions if one.stage not in ("", "None")]
        aliases = ", ".join(sorted(self.registry.model.aliases))
        stages = f"; {', '.join(staged)}: stages are deprecated, and no alias" if staged else ""
        about = expect.Subject(f"the aliases of the registered model {NAME}", self._set_alias(alias, candidates))
        about.fail(f"the alias {alias}", (f"only {aliases}" if aliases else "no alias") + stages)

    def _set_alias(self, alias: str, candidates: Iterable[ModelVersion]) -> str:
        for version in candidates:
            return _client(f"c.set_registered_model_alias('{NAME}', '{alias}', {version.version})")
        return self._register()

    def _register(self) -> str:
        """Register the best model of the grids that is no version yet."""
        taken = {self.registry.run_id(version) for version in self.versions}
        runs = sorted((run for id_, run in self._children.items() if id_ not in taken), key=error)
        searched = f"{self._search()}\n(then register the models of two of its runs: README, step 3)"
        return next(filter(None, map(self.registry.registering, runs)), searched)


def _need_review(version: ModelVersion, run: Run) -> None:
    """Somebody described the version, and looked at it."""
    # Names in a store are anybody's: letters and digits can be typed into a command.
    words = re.sub(r"[^\w .=-]", "", run.name)[:60]
    describe = _client(f"c.update_model_version('{NAME}', {version.version}, 'The model of {words}')")
    described = (version.description or "").strip()
    _about(version, describe).that(described, "a description: what is special about this version", "no description")
    tag = version.tags.get(VALIDATED)
    _about(version, _client(f"c.set_model_version_tag('{NAME}', {version.version}, '{VALIDATED}', 'true')")).that(
        tag is not None and tag.strip().lower() not in _NOT,
        f"the tag {VALIDATED}, with the value true",
        f"{VALIDATED} = {tag[:40]!r}" if tag is not None else ", ".join(sorted(version.tags)) or "no tag",
    )


def _about(version: ModelVersion, fix: Fix) -> expect.Subject:
    return expect.Subject(f"version {version.version} of {version.name}", fix)


def _client(call: str) -> str:
    return f'python -c "import mlflow; c = mlflow.MlflowClient(); {call}"'
