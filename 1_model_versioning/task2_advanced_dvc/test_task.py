"""Task 1.2: do dvc.yaml, dvc.lock, the cache and the history show a pipeline that ran, and a choice that was made?"""

from dataclasses import dataclass

from checks import Failure, Unavailable, Workspace, expect, step
from checks.assertions import lock, metrics, pipeline, split
from checks.assertions.outputs import find, stores
from checks.evidence.dvc.committed import Committed
from checks.evidence.dvc.graph import overlap
from checks.evidence.dvc.stage import Stage
from checks.evidence.files import FileHash
from checks.evidence.git import Commit
from checks.workspace import Form

STAGES = ("preprocess", "train", "evaluate")
DATA = "data/rentals.csv"
MONTHS = 3
SHARE = "test_share"
SEED = "seed"


@step("stages")
def test_stages(work: Workspace) -> None:
    """The three stages are there, depend on their scripts, and each on what the one before it wrote."""
    _ = work.learner
    committed = pipeline.pipeline(work)
    for name in STAGES:
        pipeline.depends_on_script(work, pipeline.stage(committed, name))
    pipeline.joined(committed, "preprocess", "train")
    pipeline.joined(committed, "train", "evaluate")
    first = [committed.stages[name] for name in ("preprocess", *sorted(committed.upstream("preprocess")))]
    expect.that(
        any(overlap(work.path(DATA), dependency.path) for stage in first for dependency in stage.dependencies),
        looked_at="dvc.yaml: the `deps` of stage preprocess",
        expected=DATA,
        found=", ".join(dependency.written for dependency in first[0].dependencies) or "none",
        fix=f"(add {DATA} to the `deps` of preprocess in dvc.yaml)\n{pipeline.COMMIT}",
    )


@step("params")
def test_params(work: Workspace) -> None:
    """Share, seed and hyperparameters are declared by the stages that use them, and hide in no script."""
    committed = pipeline.pipeline(work)
    for name in ("preprocess", "train"):
        pipeline.nothing_hidden(work, committed.stages[name])
    _share(work, committed)
    hyper = [key for key in pipeline.declared(work, committed.stages["train"]) if not _is(key, SEED)]
    expect.that(
        hyper,
        looked_at="dvc.yaml: the `params` of stage train",
        expected="the hyperparameters of the model",
        found="none",
        fix="(add the hyperparameters to the `params` of train in dvc.yaml)\n"
        'dvc repro\ngit add dvc.yaml dvc.lock\ngit commit -m "Declare the parameters"',
    )


@step("lock")
def test_lock(work: Workspace) -> None:
    """The lock tells the truth about commands, parameters, dependencies and outputs, and begins at this learner's data."""
    committed = pipeline.pipeline(work)
    entries = [(stage, lock.locked(work, committed, stage)) for stage in _pipeline_stages(committed)]
    for stage, entry in entries:
        lock.parameters(work, stage, entry)
        lock.outputs(work, stage, entry)
    for stage, entry in entries:
        lock.dependencies(work, committed, stage, entry)
    _own_data(work)
    for stage, entry in entries:
        for output in stage.outputs:
            if not output.cached and output.path not in committed.metrics:
                lock.uncached(work, stage, output, entry.outputs[output.written])
    if work.form is Form.BRANCH:
        raise Unavailable("a branch does not carry the DVC cache: hand in the clone")
    for stage, entry in entries:
        for output in stage.outputs:
            if output.cached and output.path not in committed.metrics:
                lock.cached(work, stage, output, entry.outputs[output.written])


@step("split")
def test_split(work: Workspace) -> None:
    """Training and test rows are disjoint, together the cleaned rows of this learner, in the parameter's share."""
    committed = pipeline.pipeline(work)
    train, test = split.rows(work, committed, MONTHS)
    share = _share(work, committed)
    expect.that(
        abs(test - share * (train + test)) <= 1,
        looked_at=f"the test rows: {test:,} of {train + test:,}",
        expected=f"a share of {share}, as the parameter says: {share * (train + test):,.0f} rows",
        found=f"a share of {test / (train + test):.3f}",
        fix="(use the parameter in pipeline/preprocess.py)\n"
        'dvc repro\ngit add -u .\ngit commit -m "Split by the parameter"',
    )


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The metrics are Git's, the pipeline's own, and true of the predictions for the test rows."""
    metrics.of_test_rows(work, pipeline.pipeline(work))


@dataclass(frozen=True)
class Tried:
    """A commit with the parameters and the metrics of its run."""

    commit: Commit
    parameters: str
    test_rows: str
    rmse: float


@step("compare")
def test_compare(work: Workspace) -> None:
    """The branch holds several parameter sets with their metrics, and ends with the best."""
    tried = [found for commit in work.git.history if (found := _tried(work, commit)) is not None]
    sets = {found.parameters for found in tried}
    expect.that(
        len(sets) >= 2,
        looked_at=f"dvc.lock and metrics.json along {work.branch}",
        expected="two or more different sets of parameters, each committed with the metrics of its run",
        found=f"{len(sets)} in {len(work.git.history)} commits",
        fix="dvc exp run --set-param train.max_depth=12\n"
        'git add params.yaml dvc.lock metrics.json\ngit commit -m "Try deeper trees"',
    )
    last = tried[-1]
    same = [found for found in tried if found.test_rows == last.test_rows]
    rivals = same if len({found.parameters for found in same}) > 1 else tried
    best = min(rivals, key=lambda found: found.rmse)
    expect.that(
        last.rmse <= best.rmse + metrics.ROUNDED,
        looked_at=f"the last run, commit {last.commit.short}: rmse {last.rmse:.6g}",
        expected=f"the best of {len(sets)}: rmse {best.rmse:.6g}, commit {best.commit.short} ({best.commit.subject[:50]})",
        found=f"rmse {last.rmse:.6g}, which is worse",
        fix=f"git restore --source {best.commit.short} params.yaml\ndvc repro\n"
        'git add params.yaml dvc.lock metrics.json\ngit commit -m "Go back to the best parameters"',
    )


@step("reproduce")
def test_reproduce(work: Workspace) -> None:
    """`dvc repro` in a fresh clone gives what was committed."""
    pipeline.pipeline(work)
    raise Unavailable("this edition of the checks cannot make a pipeline again yet")


def _pipeline_stages(committed: Committed) -> list[Stage]:
    """The stages that lead to the evaluation. Others beside them are the learner's own affair."""
    needed = {"evaluate", *committed.upstream("evaluate")}
    return [stage for name, stage in committed.stages.items() if name in needed]


def _own_data(work: Workspace) -> None:
    """What the pipeline starts from is months 1 to 3 of this learner."""
    tracked = work.dvc.tracked(work.snapshot, work.path(DATA), stores(work))
    blob = work.snapshot.read(work.path(DATA)) if tracked is None else None
    md5 = tracked.md5 if tracked else FileHash.of(blob).md5 if blob is not None else None
    own = work.data(MONTHS)
    expect.that(
        md5 == own.md5 or (tracked is not None and md5 is None),
        looked_at=work.shown(tracked.pointer) if tracked else DATA,
        expected=f"md5 {own.md5}: months 1 to 3 of {work.learner.id}",
        found=f"md5 {md5}, other data" if md5 else "nothing that names it",
        fix="(mlsd reset 1.2 writes your data again, and keeps your files in a backup)\n"
        f'dvc add {DATA}\ndvc repro\ngit add -u .\ngit commit -m "Use my own data"',
    )


def _is(key: str, name: str) -> bool:
    return key.rpartition(".")[2] == name


def _share(work: Workspace, committed: Committed) -> float:
    """The share of the test rows that is declared by preprocess, or by a stage between it and the training."""
    names = ["preprocess", *sorted(committed.upstream("train") - {"preprocess"})]
    found = {}
    for name in names:
        found.update(pipeline.declared(work, committed.stages[name]))
    key = next((key for key in found if _is(key, SHARE)), None)
    if key is None:
        expect.fail(
            looked_at="dvc.yaml: the `params` of stage preprocess",
            expected=f"the share of the test rows, a parameter named {SHARE}",
            found=", ".join(sorted(found)[:12]) or "none",
            fix=f"(add split.{SHARE} to the `params` of preprocess in dvc.yaml)\n"
            'dvc repro\ngit add dvc.yaml dvc.lock\ngit commit -m "Declare the parameters"',
        )
    share = found[key]
    if isinstance(share, (int, float)) and 0 < share < 1:
        return share
    expect.fail(
        looked_at=f"the parameter {key} in the last commit",
        expected="a number between 0 and 1",
        found=f"{share}",
        fix='(write a share such as 0.2)\ndvc repro\ngit add -u .\ngit commit -m "A share of test rows"',
    )


def _tried(work: Workspace, commit: Commit) -> Tried | None:
    """What was run for a commit; None where its lock and metrics do not tell, or do not agree."""
    snapshot = work.git.at(commit)
    try:
        found = metrics.at(work, snapshot)
        if found is None:
            return None
        committed = work.dvc.pipelines(snapshot)
        test_rows = find(work, committed, "test.csv").content.md5
    except (Failure, Unavailable):  # an older state that a later commit mended
        return None
    runs = [committed.locked(stage) for stage in committed.stages.values()]
    parameters = repr([(run.command, sorted(run.parameters.items())) for run in runs if run])
    return Tried(commit, parameters, test_rows, found[1]["rmse"])
