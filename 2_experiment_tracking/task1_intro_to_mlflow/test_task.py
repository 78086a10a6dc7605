"""Task 2.1: does a run in MLflow's store tell what went in, what came out, and which code and data made it?"""

from checks import Workspace, step
from checks.evidence.mlflow.entities import Run

from .checking import artifacts, lineage, metrics, parameters, predictions, rebuild, runs
from .checking.fixes import another_run
from .checking.rebuild import inspected

ASPECTS = (parameters.logged, metrics.plausible, artifacts.picture, artifacts.model, lineage.code_and_data)


def _judged(work: Workspace) -> Run:
    """The one run that all steps but the first are about: it shows the most of these aspects."""
    return runs.judged(work, ASPECTS)


@step("experiment")
def test_experiment(work: Workspace) -> None:
    """The experiment has a finished run with a name, and nothing of the work is in `Default`."""
    _ = work.learner  # without an id there is no data to learn from
    work = inspected(work)
    runs.named_and_finished(work)
    runs.nothing_in_default(work)


@step("params")
def test_params(work: Workspace) -> None:
    """Every hyperparameter, the seed and the share of the split are logged."""
    work = inspected(work)
    parameters.logged(work, _judged(work))


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The errors are logged, and can be true together; and so is a learning curve."""
    work = inspected(work)
    metrics.plausible(work, _judged(work))


@step("artifact")
def test_artifact(work: Workspace) -> None:
    """The run holds a picture."""
    work = inspected(work)
    artifacts.picture(work, _judged(work))


@step("model")
def test_model(work: Workspace) -> None:
    """The run logged a model that says what it takes."""
    work = inspected(work)
    artifacts.model(work, _judged(work))


@step("lineage")
def test_lineage(work: Workspace) -> None:
    """The run names a commit that holds the script, and data that is this learner's own."""
    work = inspected(work)
    lineage.code_and_data(work, _judged(work))


@step("truth")
def test_truth(work: Workspace) -> None:
    """The script at the run's commit gives the run's metrics again, computes them, and makes the model that was logged."""
    seen = inspected(work)
    run = _judged(seen)
    rebuilds, fix = rebuild.rebuilds_of(work, run), another_run(seen)()
    rebuild.same_numbers(rebuilds, run, fix)
    rebuild.computed(rebuilds, run, another_run(seen, "metrics")())
    predictions.same_model(seen, rebuilds, run, fix)
