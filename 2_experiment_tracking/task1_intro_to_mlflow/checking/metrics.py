"""The metrics of a run: errors that can be true together, and a learning curve."""

import math
from collections.abc import Mapping

from checks import Workspace, expect
from checks.assertions.once import once
from checks.assertions.store import label, listed
from checks.core import data
from checks.evidence.mlflow.entities import Run

from .runs import MONTHS, another_run

ERRORS = ("rmse", "mae", "r2")
CURVE_STEPS = 5
Curve = Mapping[int, float]
"""The values of a metric by step."""


@once
def plausible(work: Workspace, run: Run) -> None:
    """The errors are logged, and can be true of one set of predictions; and so is a learning curve."""
    metrics = expect.Subject(f"the metrics of {label(run)}", another_run(work, "metrics"))
    lacking = [name for name in ERRORS if name not in run.metrics]
    near = [name for name in run.metrics if any(lack in name.lower() for lack in lacking)]
    alike = f"; named alike: {listed(near)}" if near else ""
    metrics.that(not lacking, "rmse, mae and r2", f"no {', no '.join(lacking)}{alike}")
    rmse, mae, r2 = (run.metrics[name] for name in ERRORS)
    found = f"rmse {rmse:.6g}, mae {mae:.6g}, r2 {r2:.6g}"
    metrics.that(all(map(math.isfinite, (rmse, mae, r2))), "three finite numbers", found)
    metrics.that(r2 <= 1, "an r2 of at most 1", found)
    metrics.that(rmse > 0 and mae > 0 and r2 < 1, "errors above 0: nobody knows the future", found)
    metrics.that(rmse >= mae * (1 - 1e-9), "an rmse that is at least the mae, as it always is", found)
    spread, implied = _spread(work), rmse / math.sqrt(1 - r2)
    metrics.that(
        spread / 3 <= implied <= spread * 3,
        f"errors in rentals an hour: your rentals have a standard deviation of {spread:.3g}",
        f"{found}: errors of other or of scaled data, with a standard deviation of {implied:.3g}",
    )
    _learning_curve(work, run)


@once
def _spread(work: Workspace) -> float:
    """The standard deviation of this learner's rentals: `rmse` and `r2` say together what it was in the test rows."""
    rentals = data.rentals(work.learner.id, MONTHS)
    return math.dist(rentals, [sum(rentals) / len(rentals)] * len(rentals)) / math.sqrt(len(rentals))


def curves(run: Run) -> dict[str, Curve]:
    """Every metric of a run, step by step."""
    return {name: {point.step: point.value for point in points} for name, points in run.history.items()}


def _learning_curve(work: Workspace, run: Run) -> None:
    """One metric has values at enough different steps, and they are not all the same."""
    logged = curves(run)
    long = [curve.values() for curve in logged.values() if len(curve) >= CURVE_STEPS]
    if any(len(set(values)) > 1 and all(map(math.isfinite, values)) for values in long):
        return
    longest = max(logged, key=lambda name: len(logged[name]), default="")
    count = len(logged.get(longest, ()))
    few = f"at most {count} step{'s' if count > 1 else ''}, of {longest}" if logged else "no metric"
    about = expect.Subject(f"the metrics of {label(run)}, step by step", another_run(work, "metrics"))
    found = f"the {count} values of {longest} are all the same, or not finite" if long else few
    about.fail(f"a learning curve: one metric with values at {CURVE_STEPS} or more steps", found)
