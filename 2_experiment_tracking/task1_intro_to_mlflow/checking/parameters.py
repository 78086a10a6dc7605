"""The parameters of a run: its hyperparameters, its seed, and the share of its test rows, under any usual name."""

from __future__ import annotations

import re

from checks import Workspace, expect
from checks.assertions.once import once
from checks.assertions.store import label, listed
from checks.evidence.mlflow.entities import Run

from .fixes import another_run

HYPERPARAMETERS = ("max_iter", "learning_rate", "max_depth")  # of the model in forecast.py
_SEED = re.compile(r"seed|random_state", re.IGNORECASE)
_PART = r"(?:test|train|split|hold_?out|eval|validation|val)"
_SIZE = r"(?:share|size|fraction|frac|ratio|part|percent|percentage|pct|proportion|split)"
_SHARE = re.compile(rf"{_PART}_?{_SIZE}?|{_SIZE}_?(?:of_?)?{_PART}|share|fraction|ratio", re.IGNORECASE)
_OF_THE_MODEL = frozenset({"validation_fraction"})  # scikit-learn's, for early stopping: not the split's share


@once
def logged(work: Workspace, run: Run) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    given = _without_steps(run)
    seeds = {name: value for name, value in given.items() if _SEED.search(name)}
    shares = _shares(run)
    others = {name for name, value in given.items() if value and name not in seeds and name not in shares}
    another_model = not others <= set(HYPERPARAMETERS)
    lacking = [name for name in HYPERPARAMETERS if name not in others and not another_model]
    missing = f"no {', no '.join(lacking)}; logged: " if lacking else ""
    found = missing + listed((f"{name}={value}" for name, value in run.params.items()), "no parameter")
    parameters = expect.Subject(f"the parameters of {label(run)}", another_run(work, "params"))
    parameters.that(not lacking, f"every hyperparameter of the model: {', '.join(HYPERPARAMETERS)}", found)
    parameters.that(any(re.fullmatch(r"-?\d+", value) for value in seeds.values()), "the seed, a whole number", found)
    parameters.that(
        any(_as_share(value) for value in shares.values()),
        "the share of the test rows, a number between 0 and 1",
        found,
    )


def share_of_test_rows(run: Run) -> float | None:
    """The share, if it was logged. It may have been logged as that of the training rows."""
    shares = [share for text in _shares(run).values() if (share := _as_share(text))]
    return min((min(share, 1 - share) for share in shares), default=None)


def _without_steps(run: Run) -> dict[str, str]:
    """The run's parameters, without the steps of a pipeline in their names."""
    return {name.rpartition("__")[2]: value.strip() for name, value in run.params.items()}


def _shares(run: Run) -> dict[str, str]:
    """The parameters that can be the share of the split."""
    given = _without_steps(run).items()
    return {name: text for name, text in given if _SHARE.fullmatch(name) and name not in _OF_THE_MODEL}


def _as_share(text: str) -> float | None:
    """A share as a number between 0 and 1: it may be written as a percentage."""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return number if 0 < number < 1 else None
