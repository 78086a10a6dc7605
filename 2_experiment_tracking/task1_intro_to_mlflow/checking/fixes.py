"""How another run is made, in the commands that this learner has to type next."""

from __future__ import annotations

from collections.abc import Callable

from checks import Workspace, expect
from checks.assertions.once import once

EXPERIMENT = "bike-demand"
SCRIPT = "track.py"
DATA = "data/rentals.csv"
MONTHS = 3
TARGET = "rentals"
_COMMITTED = (SCRIPT, "forecast.py", "data/.gitignore", "../../learner.toml")
_HOW = {
    "experiment": f'mlflow.set_experiment("{EXPERIMENT}"), then `with mlflow.start_run(run_name=...):` around the work',
    "params": "mlflow.log_params({**HYPERPARAMETERS, 'seed': SEED, 'test_share': TEST_SHARE})",
    "metrics": "mlflow.log_metrics(forecast.errors(test, predicted)), and mlflow.log_metric(name, value, step=...) "
    "for each point of forecast.learning_curve(model, test)",
    "artifact": "mlflow.log_figure(forecast.picture(test, predicted), 'predictions.png')",
    "model": "mlflow.sklearn.log_model(model, name='model', signature=..., input_example=...)",
    "lineage": "mlflow.log_input(mlflow.data.from_pandas(rentals, source=..., name='rentals', digest=...)), "
    f"where digest is the MD5 of {DATA}",
}
"""What the script has to hold, by step."""


def another_run(work: Workspace, step: str | None = None) -> Callable[[], str]:
    """Make another run, from a script that is committed, and that has what `step` asks for."""
    lacking = f"(make sure that {SCRIPT} has this: {_HOW[step]})" if step else None
    return lambda: expect.commands(lacking, _commit_and_run(work))


@once
def _commit_and_run(work: Workspace) -> str:
    there = {shown: work.files.is_file(_path(work, shown)) for shown in _COMMITTED}
    changed = [shown for shown in _COMMITTED if there[shown] and not _is_committed(work, shown)]
    return expect.commands(
        f'git add {" ".join(changed)}\ngit commit -m "Track the forecast"' if changed else None,
        None if there[SCRIPT] else f"git restore {SCRIPT}" if _is_committed(work, SCRIPT) else "mlsd start 2.1",
        f"python {SCRIPT}",
    )


def _path(work: Workspace, shown: str) -> str:
    return shown.removeprefix("../../") if shown.startswith("../../") else work.path(shown)


def _is_committed(work: Workspace, shown: str) -> bool:
    """Whether the last commit holds the working file as it is now, or the file where there is none to work with."""
    path = _path(work, shown)
    committed = work.snapshot.read(path)
    if committed is None or not work.files.is_file(path):
        return committed is not None
    return plain(work.files.read(path)) == plain(committed)


def plain(content: bytes) -> bytes:
    """A text with the line ends of Unix."""
    return content.replace(b"\r\n", b"\n")
