"""Task 1.2: do dvc.yaml, dvc.lock, the cache and the history show a pipeline that ran, and a choice that was made?"""

from checks import Unavailable, Workspace, expect, step
from checks.assertions import lock, metrics, parameters, pipeline, repro, reproduced, split, tried
from checks.assertions.outputs import stores
from checks.assertions.rerun import rerun
from checks.core.workspace import Form
from checks.evidence.dvc.committed import Committed
from checks.evidence.dvc.graph import overlap
from checks.evidence.files import FileHash, Kind

STAGES = ("preprocess", "train", "evaluate")
DATA = "data/rentals.csv"
MONTHS = 3
LAID_OUT = {DATA: MONTHS}
"""What `mlsd start` lays out, and Git does not keep."""
SHARE = "test_share"
SEED = "seed"


@step("stages")
def test_stages(work: Workspace) -> None:
    """The three stages are there, depend on their scripts, and each on what the one before it wrote."""
    _ = work.learner
    committed = pipeline.pipeline(work)
    for name in STAGES:
        pipeline.depends_on_script(work, pipeline.stage(work, committed, name))
    pipeline.joined(work, committed, "preprocess", "train")
    pipeline.joined(work, committed, "train", "evaluate")
    file = work.shown(committed.stages["preprocess"].file)
    first = [committed.stages[name] for name in ("preprocess", *sorted(committed.upstream("preprocess")))]
    expect.that(
        any(overlap(work.path(DATA), dependency.path) for stage in first for dependency in stage.dependencies),
        looked_at=f"{file}: the `deps` of stage preprocess",
        expected=DATA,
        found=", ".join(dependency.written for dependency in first[0].dependencies) or "none",
        fix=f"(add {DATA} to the `deps` of preprocess in {file})\n{pipeline.described(file)}",
    )


@step("params")
def test_params(work: Workspace) -> None:
    """Share, seed and hyperparameters are declared by the stages that use them, and hide in no script."""
    committed = pipeline.pipeline(work)
    for name in ("preprocess", "train"):
        parameters.nothing_hidden(work, committed.stages[name])
    _share(work, committed)
    file = work.shown(committed.stages["train"].file)
    hyper = [key for key in parameters.declared(work, committed.stages["train"]) if not _is(key, SEED)]
    expect.that(
        hyper,
        looked_at=f"{file}: the `params` of stage train",
        expected="the hyperparameters of the model",
        found="none",
        fix=f"(add the hyperparameters to the `params` of train in {file})\n{rerun(work, 'Declare the parameters')}",
    )


@step("lock")
def test_lock(work: Workspace) -> None:
    """The lock tells the truth about commands, parameters, dependencies and outputs, and begins at this learner's data."""
    committed = pipeline.pipeline(work)
    entries = [(stage, lock.locked(work, committed, stage)) for stage in tried.pipeline_stages(committed)]
    for stage, entry in entries:
        lock.parameters(work, stage, entry)
        lock.outputs(work, stage, entry)
    for stage, entry in entries:
        lock.dependencies(work, committed, stage, entry)
    _own_data(work)
    outputs = [(stage, output, entry.outputs[output.written]) for stage, entry in entries for output in stage.outputs]
    kept = [written for written in outputs if written[1].path not in committed.metrics]
    for stage, output, content in kept:
        if not output.cached:
            lock.uncached(work, stage, output, content)
    if work.form is Form.BRANCH:
        if work.rebuild is None:
            raise Unavailable("a branch does not carry the DVC cache: hand in the clone, or add --rebuild")
        _remade(work, committed)
        return
    for stage, output, content in kept:
        if output.cached:
            lock.cached(work, stage, output, content)


@step("split")
def test_split(work: Workspace) -> None:
    """Training and test rows are disjoint, together the cleaned rows of this learner, in the parameter's share."""
    committed = pipeline.pipeline(work)
    at, ran = repro.evidence(work, committed, LAID_OUT)
    split.train_learns_apart(at, ran)
    train, test = split.rows(at, ran, MONTHS)
    share = _share(work, committed)
    expect.that(
        abs(test - share * (train + test)) <= 1,
        looked_at=f"the test rows: {test:,} of {train + test:,}",
        expected=f"a share of {share}, as the parameter says: {share * (train + test):,.0f} rows",
        found=f"a share of {test / (train + test):.3f}",
        fix=split.mend(at, ran, "test.csv", f"take the share of the test rows from the parameter {SHARE}"),
    )


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The metrics are Git's, the pipeline's own, and true of the predictions for the test rows."""
    committed = pipeline.pipeline(work)
    metrics.of_test_rows(work, committed, repro.evidence(work, committed, LAID_OUT))


@step("compare")
def test_compare(work: Workspace) -> None:
    """The branch holds several parameter sets with their metrics, and ends with the best."""
    at, _ = repro.evidence(work, pipeline.pipeline(work), LAID_OUT)
    runs = tried.along_the_branch(at)
    sets = {run.parameters for run in runs}
    expect.that(
        len(sets) >= 2,
        looked_at=f"the commits of {work.branch}: the parameters in each dvc.lock",
        expected="two or more different sets of parameters, each committed with the metrics of its run",
        found=f"{len(sets)} set{'s' * (len(sets) != 1)} of parameters",
        fix=tried.another(work, pipeline.pipeline(work)),
    )
    last, best = runs[-1], tried.better(at, runs, MONTHS)
    if best is not None:
        expect.fail(
            looked_at=f"the last run, commit {last.commit.short}: rmse {last.rmse:.6g}",
            expected=f"the best of the {len(sets)} sets that you tried: rmse {best.rmse:.6g}, "
            f"commit {best.commit.short} ({best.commit.subject[:50]})",
            found=f"rmse {last.rmse:.6g}, which is worse: the error is larger",
            fix=tried.back_to(work, best),
        )


@step("reproduce")
def test_reproduce(work: Workspace) -> None:
    """`dvc repro` in a fresh clone gives what was committed, and runs again what a change touches, no more."""
    committed = pipeline.pipeline(work)
    ran = _remade(work, committed)
    reproduced.same_metrics(work, committed, ran, lambda: repro.once_more(work, committed, LAID_OUT))
    reproduced.nothing_runs_twice(work, committed, ran)
    reproduced.change_runs_what_it_touches(work, committed, ran)


def _remade(work: Workspace, committed: Committed) -> repro.Reproduced:
    """A rebuild, which ended well and made the locked data."""
    ran = repro.reproduced(work, committed, LAID_OUT)
    reproduced.ended(work, ran)
    reproduced.same_data(work, committed, ran, lambda: repro.once_more(work, committed, LAID_OUT))
    return ran


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
        fix=expect.commands(_fix_own_file(work, own), f"dvc add {DATA}", rerun(work, "Use my own data")),
    )


def _fix_own_file(work: Workspace, own: FileHash) -> str | None:
    """Have this learner's data in the working file, where it is not: it can be made again at any time."""
    path = work.path(DATA)
    there = work.files.kind(path) is not Kind.MISSING
    if work.files.is_file(path) and work.files.size(path) == own.size and work.files.hash(path) == own:
        return None
    return expect.commands(f"rm {DATA}" if there else None, "mlsd start 1.2")


def _is(key: str, name: str) -> bool:
    return key.rpartition(".")[2] == name


def _share(work: Workspace, committed: Committed) -> float:
    """The share of the test rows that is declared by preprocess, or by a stage between it and the training."""
    stage = committed.stages["preprocess"]
    file = work.shown(stage.file)
    names = ["preprocess", *sorted(committed.upstream("train") - {"preprocess"})]
    found = {}
    for name in names:
        found.update(parameters.declared(work, committed.stages[name]))
    key = next((key for key in found if _is(key, SHARE)), None)
    if key is None:
        expect.fail(
            looked_at=f"{file}: the `params` of stage preprocess",
            expected=f"the share of the test rows, a parameter named {SHARE}",
            found=", ".join(sorted(found)[:12]) or "none",
            fix=f"(add {parameters.known(work, stage).get(SHARE, SHARE)} to the `params` of preprocess in {file})\n"
            f"{rerun(work, 'Declare the parameters')}",
        )
    share = found[key]
    if isinstance(share, (int, float)) and 0 < share < 1:
        return share
    expect.fail(
        looked_at=f"the parameter {key} in the last commit",
        expected="a number between 0 and 1",
        found=f"{share}",
        fix=f"(write a share such as 0.2)\n{rerun(work, 'A share of test rows')}",
    )
