"""Task 1.2: do dvc.yaml, dvc.lock, the cache and the history show a pipeline that ran, and a choice that was made?"""

from checks import Unavailable, Workspace, expect, step
from checks.core.workspace import Form
from checks.evidence.dvc.committed import overlap
from checks.evidence.dvc.stage import Stage

from .checking import compare, lock, metrics, parameters, same, split
from .checking.pipeline import DATA, Pipeline, by_hand, committed_pipeline, describe
from .checking.reproduce import outputs_of


@step("stages")
def test_stages(work: Workspace) -> None:
    """The three stages are there, depend on their scripts, and each on what the one before it wrote."""
    _ = work.learner
    pipeline = committed_pipeline(work)
    for name in ("preprocess", "train", "evaluate"):
        _depends_on_scripts(pipeline, _stage(pipeline, name))
    for before, after in (("preprocess", "train"), ("train", "evaluate")):
        _joined(pipeline, pipeline.stages[before], pipeline.stages[after])
    file = pipeline.file("preprocess")
    names = ("preprocess", *sorted(pipeline.committed.upstream("preprocess")))
    reads = [dependency.path for name in names for dependency in pipeline.stages[name].dependencies]
    expect.that(
        any(overlap(work.path(DATA), path) for path in reads),
        looked_at=f"{file}: the `deps` of stage preprocess",
        expected=DATA,
        found=_reads(pipeline.stages["preprocess"]),
        fix=describe(file, f"add {DATA} to the `deps` of preprocess in {file}"),
    )


@step("params")
def test_params(work: Workspace) -> None:
    """Share, seed and hyperparameters are declared by the stages that use them, and hide in no script."""
    pipeline = committed_pipeline(work)
    for name in ("preprocess", "train"):
        parameters.nothing_hidden(pipeline, pipeline.stages[name])
    parameters.share(pipeline)
    file, used = pipeline.file("train"), parameters.used(work, pipeline.stages["train"])
    expect.that(
        [one for one in used if not parameters.is_named(one.key, parameters.SEED)],
        looked_at=f"{file}: the `params` of stage train",
        expected="the hyperparameters of the model",
        found="none",
        fix=by_hand(work, f"add the hyperparameters to the `params` of train in {file}", "Declare the parameters"),
    )


@step("lock")
def test_lock(work: Workspace) -> None:
    """The lock tells the truth about commands, parameters, dependencies and outputs, and begins at this learner's data."""
    pipeline = committed_pipeline(work)
    entries = [(stage, lock.locked(pipeline, stage)) for stage in pipeline.leading]
    for stage, entry in entries:
        lock.true_parameters(pipeline, stage, entry)
        lock.every_output(pipeline, stage, entry)
    for stage, entry in entries:
        lock.true_dependencies(pipeline, stage, entry)
    lock.own_data(pipeline)
    outputs = [(stage, output, entry.outputs[output.written]) for stage, entry in entries for output in stage.outputs]
    kept = [written for written in outputs if written[1].path not in pipeline.committed.metrics]
    for stage, output, content in kept:
        if not output.cached:
            lock.in_git(pipeline, stage, output, content)
    if work.form is not Form.BRANCH:
        for stage, output, content in kept:
            if output.cached:
                lock.cached(pipeline, stage, output, content)
    elif work.rebuild is not None:
        same.same_data(pipeline)
    else:
        raise Unavailable("a branch does not carry the DVC cache: hand in the clone, or add --rebuild")


@step("split")
def test_split(work: Workspace) -> None:
    """Training and test rows are disjoint, together the cleaned rows of this learner, in the parameter's share."""
    pipeline = committed_pipeline(work)
    made = outputs_of(pipeline)
    split.in_share(made, pipeline, *split.sound(made))


@step("metrics")
def test_metrics(work: Workspace) -> None:
    """The metrics are Git's, the pipeline's own, and true of the predictions for the test rows."""
    pipeline = committed_pipeline(work)
    metrics.of_test_rows(pipeline, outputs_of(pipeline))


@step("compare")
def test_compare(work: Workspace) -> None:
    """The branch holds several parameter sets with their metrics, and ends with the best."""
    pipeline = committed_pipeline(work)
    compare.ends_with_the_best(pipeline, outputs_of(pipeline).work)


@step("reproduce")
def test_reproduce(work: Workspace) -> None:
    """`dvc repro` in a fresh clone gives what was committed, and runs again what a change touches, no more."""
    pipeline = committed_pipeline(work)
    ran = same.same_data(pipeline)
    same.same_metrics(pipeline, ran)
    same.nothing_runs_twice(pipeline, ran)
    same.change_runs_what_it_touches(pipeline, ran)


def _stage(pipeline: Pipeline, name: str) -> Stage:
    """The stage of this name. Raises Failure where there is none."""
    file = pipeline.work.shown(pipeline.committed.pipelines[0].path)
    return expect.some(
        pipeline.stages.get(name),
        looked_at=f"the stages in {file}",
        expected=f"a stage named {name}",
        found=f"only {', '.join(sorted(pipeline.stages)[:12])}" if pipeline.stages else "no stage",
        fix=describe(file, f"describe the stage {name} in {file}"),
    )


def _depends_on_scripts(pipeline: Pipeline, stage: Stage) -> None:
    """A stage depends on each script that its command runs, and on a file in Git at least."""
    work, file = pipeline.work, pipeline.file(stage.name)
    for script in stage.scripts:
        shown = work.shown(script)
        if work.snapshot.id(script) is None and not work.files.is_file(script):
            continue  # a tool of the environment: `python -m pytest`
        expect.that(
            any(overlap(script, dependency.path) for dependency in stage.dependencies),
            looked_at=f"{file}: the `deps` of stage {stage.name}",
            expected=f"{shown}, which its command runs: a change of the script must run it again",
            found=_reads(stage),
            fix=describe(file, f"add {shown} to the `deps` of {stage.name} in {file}"),
        )
        expect.that(
            work.snapshot.is_file(script),
            looked_at=f"{shown} in the last commit",
            expected=f"the script of stage {stage.name}",
            found="it is there, but not committed",
            fix=f'git add {shown}\ngit commit -m "Add the script of {stage.name}"',
        )
    expect.that(
        any(work.snapshot.id(dependency.path) is not None for dependency in stage.dependencies),
        looked_at=f"{file}: the `deps` of stage {stage.name}",
        expected="the script that does its work, a file in Git",
        found=_reads(stage),
        fix=describe(file, f"add the script to the `deps` of {stage.name} in {file}"),
    )


def _joined(pipeline: Pipeline, before: Stage, after: Stage) -> None:
    """A stage needs what another one wrote, directly or through stages between them."""
    file = pipeline.file(after.name)
    expect.that(
        before.name in pipeline.committed.upstream(after.name),
        looked_at=f"{file}: the `deps` of stage {after.name}",
        expected=f"an output of stage {before.name}: {', '.join([o.written for o in before.outputs[:8]]) or 'none'}",
        found=_reads(after),
        fix=describe(
            file,
            f"write the same path in the `outs` of {before.name} and in the `deps` of {after.name}; "
            "`dvc dag` shows what is joined",
        ),
    )


def _reads(stage: Stage) -> str:
    """The dependencies of a stage, for a message."""
    return ", ".join(dependency.written for dependency in stage.dependencies[:8]) or "none"
