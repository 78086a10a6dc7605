"""The sets of parameters that were tried along a branch, and whether a run of one may be held against another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks.assertions import metrics, split
from checks.assertions.outputs import find, read
from checks.assertions.parameters import declared
from checks.assertions.rerun import commit, target
from checks.evidence.dvc.parameters import DEFAULT
from checks.expect import Failure, Unavailable

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed
    from checks.evidence.dvc.stage import Stage
    from checks.evidence.git.objects import Commit

RIVALS = 50
"""Better runs that are held against their rows; in an honest history the first settles it."""


@dataclass(frozen=True, eq=False)
class Tried:
    """A commit with the parameters and the metrics of its run."""

    commit: Commit
    committed: Committed
    parameters: str
    code: str
    """The scripts and other committed files that the run depended on, by their hashes."""
    test_rows: str
    """MD5 of the test rows."""
    rmse: float


def along_the_branch(work: Workspace) -> list[Tried]:
    """The runs of the branch's commits, the oldest first. Most commits leave the task's folder as it was."""
    found: dict[str | None, Tried | None] = {}
    runs = []
    for one in work.git.history:
        tree = work.git.at(one).id(work.folder)
        if tree not in found:
            found[tree] = tried(work, one)
        run = found[tree]
        if run:
            runs.append(replace(run, commit=one))
    return runs


def tried(work: Workspace, commit: Commit) -> Tried | None:
    """What was run for a commit; None where its lock and metrics do not tell, or do not agree."""
    snapshot = work.git.at(commit)
    try:
        found = metrics.at(work, snapshot)
        if found is None:
            return None
        committed = work.dvc.pipelines(snapshot)
        test_rows = find(work, committed, "test.csv").content.md5
        stages = pipeline_stages(committed)
    except (Failure, Unavailable):  # an older state that a later commit mended
        return None
    runs = [(stage, run) for stage in stages if (run := committed.locked(stage))]
    # A command counts where a template put a parameter into it: the lock names no other trace of that.
    used = [(stage.filled_in and run.command, sorted(run.parameters.items())) for stage, run in runs]
    code = [
        (dependency.written, run.dependencies[dependency.written].md5)
        for stage, run in runs
        for dependency in stage.dependencies
        if dependency.written in run.dependencies and snapshot.is_file(dependency.path)
    ]
    return Tried(commit, committed, repr(used), repr(sorted(set(code))), test_rows, found[1]["rmse"])


def pipeline_stages(committed: Committed) -> list[Stage]:
    """The stages that lead to the evaluation. Others beside them are the learner's own affair."""
    needed = {"evaluate", *committed.upstream("evaluate")}
    return [stage for name, stage in committed.stages.items() if name in needed]


def better(work: Workspace, runs: list[Tried], months: int) -> Tried | None:
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
    return next((run for run in rivals[:RIVALS] if _fair(work, run, last, months)), None)


def _fair(work: Workspace, run: Tried, last: Tried, months: int) -> bool:
    """Whether an earlier run was measured on rows that its model had not seen.

    Where its rows are gone from the cache, it counts as fair if the last run was made with the same code.
    """
    committed = run.committed
    try:
        for name in ("cleaned.csv", "train.csv", "test.csv", "predictions.csv"):
            entry = find(work, committed, name)
            if read(work, committed.snapshot, entry.path, entry.content) is None:
                return run.code == last.code
        split.rows(work, committed, months)
        split.train_learns_apart(work, committed)
        metrics.of_test_rows(work, committed)
    except (Failure, Unavailable):
        return False
    return True


def another(work: Workspace, committed: Committed) -> str:
    """The commands that try one more set of parameters: a number of the stage train, doubled."""
    stage = committed.stages["train"]
    values = declared(work, stage)
    files = {key: use.written for use in stage.parameters for key in use.keys}
    files |= {key: work.shown(path) for path, key in stage.filled_in}
    for key, value in values.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value and not key.endswith("seed"):
            file = "" if files.get(key, DEFAULT) == DEFAULT else f"{files[key]}:"
            message = commit(work, f"Try {key} {value * 2}")
            return f"dvc exp run --set-param {file}{key}={value * 2}{target(work)}\n{message}"
    return f"(change a parameter of train)\ndvc repro{target(work)}\n{commit(work, 'Try other parameters')}"


def back_to(work: Workspace, run: Tried) -> str:
    """The commands that bring the parameters of an earlier run back, and run the pipeline with them."""
    snapshot = run.committed.snapshot
    paths = {use.path for stage in pipeline_stages(run.committed) for use in stage.parameters}
    paths |= {path for stage in pipeline_stages(run.committed) for path, _ in stage.filled_in}
    shown = " ".join(sorted(work.shown(path) for path in paths if snapshot.is_file(path)))
    return (
        f"git restore --source {run.commit.short} {shown}\ndvc repro{target(work)}\n"
        f"{commit(work, 'Go back to the best parameters')}"
    )
