"""The sets of parameters that were tried along the branch, and whether one of them was better than the last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from checks import Failure, Unavailable, Workspace, expect
from checks.evidence.git.objects import Commit

from . import metrics, split
from .parameters import changes, set_parameter
from .pipeline import Pipeline, by_hand, commit, target

RIVALS = 50
"""Better runs that are held against their rows; in an honest history the first settles it."""


@dataclass(frozen=True, eq=False)
class Tried:
    """A commit with the parameters and the metrics of its run."""

    commit: Commit
    pipeline: Pipeline
    parameters: str
    code: str
    """The scripts and other committed files that the run depended on, by their hashes."""
    test_rows: str
    """MD5 of the test rows."""
    rmse: float


def ends_with_the_best(pipeline: Pipeline, made: Workspace) -> None:
    """The branch holds two or more sets of parameters with their metrics, and ends with the best. `made` has the outputs."""
    work, runs = pipeline.work, _along_the_branch(made)
    sets = {run.parameters for run in runs}
    about = expect.Subject(
        f"the commits of {work.branch}: the parameters in each dvc.lock", lambda: _fix_try_another(pipeline)
    )
    expected = "two or more different sets of parameters, each committed with the metrics of its run"
    about.that(len(sets) >= 2, expected, f"{len(sets)} set{'s' * (len(sets) != 1)} of parameters")
    last, best = runs[-1], _better(runs)
    if best is not None:
        expect.fail(
            looked_at=f"the last run, commit {last.commit.short}: rmse {last.rmse:.6g}",
            expected=f"the best of the {len(sets)} sets that you tried: rmse {best.rmse:.6g}, "
            f"commit {best.commit.short} ({best.commit.subject[:50]})",
            found=f"rmse {last.rmse:.6g}, which is worse: the error is larger",
            fix=_fix_go_back(work, best),
        )


def _along_the_branch(work: Workspace) -> list[Tried]:
    """The runs of the branch's commits, the oldest first. Most commits leave the task's folder as it was."""
    trees = [(one, work.git.at(one).id(work.folder)) for one in work.git.history]
    first = {tree: one for one, tree in reversed(trees)}
    found = {tree: _tried(work, one) for tree, one in first.items()}
    return [replace(run, commit=one) for one, tree in trees if (run := found[tree])]


def _tried(work: Workspace, commit: Commit) -> Tried | None:
    """The run of a commit; None where its lock and metrics do not tell, or do not agree."""
    try:
        pipeline = Pipeline(work, work.dvc.pipelines(work.git.at(commit)))
        found = metrics.trusted(pipeline)
        if found is None:
            return None
        test_rows = pipeline.output("test.csv").content.md5
        runs = [(stage, run) for stage in pipeline.leading if (run := pipeline.committed.locked(stage))]
    except (Failure, Unavailable):  # an older state that a later commit mended
        return None
    # A command counts where a template put a parameter into it: the lock names no other trace of that.
    parameters = [(stage.filled_in and run.command, sorted(run.parameters.items())) for stage, run in runs]
    code = {
        (dependency.written, run.dependencies[dependency.written].md5)
        for stage, run in runs
        for dependency in stage.dependencies
        if dependency.written in run.dependencies and pipeline.committed.snapshot.is_file(dependency.path)
    }
    return Tried(commit, pipeline, repr(parameters), repr(sorted(code)), test_rows, found["rmse"])


def _better(runs: list[Tried]) -> Tried | None:
    """A run whose error is smaller than that of the last one beyond rounding, and fairly so; None where there is none.

    Of each set of parameters the newest run counts, so that a run that was mended counts as mended. Where other sets
    were tried on the test rows of the last run, these alone are held against it.
    """
    last = runs[-1]
    newest = list({run.parameters: run for run in runs}.values())
    same = [run for run in newest if run.test_rows == last.test_rows]
    slack = metrics.rounding(last.rmse)
    rivals = [
        run
        for run in (same if len(same) > 1 else newest)
        if run.parameters != last.parameters and run.rmse < last.rmse - max(slack, metrics.rounding(run.rmse))
    ]
    rivals.sort(key=lambda run: run.rmse)
    return next((run for run in rivals[:RIVALS] if _fair(run, last)), None)


def _fair(run: Tried, last: Tried) -> bool:
    """Whether an earlier run was measured on rows that its model had not seen.

    Where its rows are gone from the cache, it counts as fair if the last run was made with the same code.
    """
    try:
        for name in ("cleaned.csv", "train.csv", "test.csv", metrics.PREDICTIONS):
            if run.pipeline.content(run.pipeline.output(name)) is None:
                return run.code == last.code
        split.sound(run.pipeline)
        metrics.of_test_rows(run.pipeline, run.pipeline)
    except (Failure, Unavailable):
        return False
    return True


def _fix_try_another(pipeline: Pipeline) -> str:
    """Try one more set of parameters: another value for one of the stage train."""
    for change in changes(pipeline):
        message = commit(pipeline.work, f"Try {change.key} {change.value}")
        return f"{set_parameter(pipeline.work, change)}\n{message}"
    return by_hand(pipeline.work, "change a parameter of train", "Try other parameters")


def _fix_go_back(work: Workspace, run: Tried) -> str:
    """Bring the parameters of an earlier run back, and run the pipeline with them."""
    stages, snapshot = run.pipeline.leading, run.pipeline.committed.snapshot
    paths = {use.path for stage in stages for use in stage.parameters}
    paths |= {path for stage in stages for path, _ in stage.filled_in}
    shown = " ".join(sorted(work.shown(path) for path in paths if snapshot.is_file(path)))
    return (
        f"git restore --source {run.commit.short} {shown}\ndvc repro{target(work)}\n"
        f"{commit(work, 'Go back to the best parameters')}"
    )
