"""An MLflow project, run with `mlflow run` in a fresh clone, and the run that it logs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions.remade import finished
from checks.assertions.store import NEW_STORE, finished_runs, tracking
from checks.core.workspace import Script

from .grid import METRIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checks.core.workspace import Remade, Workspace
    from checks.evidence.mlflow.project import EntryPoint, Project


def defaults(project: Project, point: EntryPoint) -> None:
    """Every parameter of the entry point has a default, so that one command runs it."""
    lacking = [parameter.name for parameter in point.parameters if parameter.default is None]
    if lacking:
        name = lacking[0]
        expect.fail(
            looked_at=f"{project.path}: the entry point {point.name}",
            expected="a default for each parameter, so that `mlflow run .` runs it as it is",
            found=f"no default for {', '.join(lacking)}",
            fix=f"(in {project.path}, such as `{name}: {{type: float, default: 20}}`)\n"
            f'git add {project.path}\ngit commit -m "Give the project its defaults"',
        )


def made_by(work: Workspace, experiment: str, data: Mapping[str, int], number: int = 0) -> Remade:
    """What the project makes in a fresh clone: rebuild 0, or one more. Raises Failure where it ends with an error."""
    # The script names this experiment: a project's run in another one, it could not go on with.
    command = f"mlflow run . --env-manager local --experiment-name {experiment}"
    made = work.made(Script(f"{NEW_STORE}{command}  # rebuild {number}", data=data))
    finished(made, command, fix=f"git status --short\n(commit everything that the project needs)\n{command}")
    return made


def logs_its_run(made: Remade, experiment: str, *, fix: str) -> None:
    """A finished run of the project has an error: its own, or that of one of its children."""
    runs = finished_runs(tracking(made.work, fix=fix), experiment)
    expect.that(
        any(math.isfinite(run.metrics.get(METRIC, math.nan)) for run in runs),
        looked_at=f"the store that `mlflow run .` makes in a fresh clone: the runs of {experiment}",
        expected=f"a finished run with its {METRIC}",
        found=f"{len(runs)} finished runs, none of them with {METRIC}",
        fix=fix,
    )
