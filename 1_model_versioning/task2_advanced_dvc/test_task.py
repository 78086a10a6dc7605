"""Task 1.2: do dvc.yaml, dvc.lock, the cache and the history show a pipeline that ran, and a choice that was made?"""

from checks import Unavailable, Workspace, expect, step
from checks.core.workspace import Form
from checks.evidence.dvc.committed import overlap
from checks.evidence.dvc.stage import Stage
from checks.evidence.files import FileHash, Kind

from .checking import compare, lock, metrics, parameters, split
from .checking.pipeline import DATA, MONTHS, Pipeline, by_hand, committed_pipeline, describe, run
from .checking.reproduce import Reproduction, outputs_of, same_data, same_metrics


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
    fix = describe(file, f"add {DATA} to the `deps` of preprocess in {file}")
    about = expect.Subject(f"{file}: the `deps` of stage preprocess", fix)
    about.that(any(overlap(work.path(DATA), path) for path in reads), DATA, _reads(pipeline.stages["preprocess"]))


@step("params")
def test_params(work: Workspace) -> None:
    """Share, seed and hyperparameters are declared by the stages that use them, and hide in no script."""
    pipeline = committed_pipeline(work)
    for name in ("preprocess", "train"):
        parameters.nothing_hidden(pipeline, pipeline.stages[name])
    _share(pipeline)
    file, used = pipeline.file("train"), parameters.used(work, pipeline.stages["train"])
    fix = by_hand(work, f"add the hyperparameters to the `params` of train in {file}", "Declare the parameters")
    about = expect.Subject(f"{file}: the `params` of stage train", fix)
    expected = "the hyperparameters of the model"
    about.that([one for one in used if not parameters.is_named(one.key, parameters.SEED)], expected, "none")


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
    _own_data(pipeline)
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
        same_data(pipeline)
    else:
        raise Unavailable("a branch does not carry the DVC cache: hand in the clone, or add --rebuild")


@step("split")
def test_split(work: Workspace) -> None:
    """Training and test rows are disjoint, together the cleaned rows of this learner, in the parameter's share."""
    pipeline = committed_pipeline(work)
    made = outputs_of(pipeline)
    _in_share(pipeline, made, *split.sound(made))


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
    ran = same_data(pipeline)
    same_metrics(pipeline, ran)
    _nothing_runs_twice(pipeline, ran)
    _change_runs_what_it_touches(pipeline, ran)


def _stage(pipeline: Pipeline, name: str) -> Stage:
    """The stage of this name. Raises Failure where there is none."""
    file = pipeline.work.shown(pipeline.committed.pipelines[0].path)
    about = expect.Subject(f"the stages in {file}", describe(file, f"describe the stage {name} in {file}"))
    found = f"only {', '.join(sorted(pipeline.stages)[:12])}" if pipeline.stages else "no stage"
    return about.some(pipeline.stages.get(name), f"a stage named {name}", found)


def _depends_on_scripts(pipeline: Pipeline, stage: Stage) -> None:
    """A stage depends on each script that its command runs, and on a file in Git at least."""
    work, file = pipeline.work, pipeline.file(stage.name)
    for script in stage.scripts:
        shown = work.shown(script)
        if work.snapshot.id(script) is None and not work.files.is_file(script):
            continue  # a tool of the environment: `python -m pytest`
        fix = describe(file, f"add {shown} to the `deps` of {stage.name} in {file}")
        about = expect.Subject(f"{file}: the `deps` of stage {stage.name}", fix)
        expected = f"{shown}, which its command runs: a change of the script must run it again"
        found = _reads(stage)
        about.that(any(overlap(script, dependency.path) for dependency in stage.dependencies), expected, found)
        mend = f'git add {shown}\ngit commit -m "Add the script of {stage.name}"'
        about = expect.Subject(f"{shown} in the last commit", mend)
        about.that(work.snapshot.is_file(script), f"the script of stage {stage.name}", "it is there, but not committed")
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
    fix = describe(
        file,
        f"write the same path in the `outs` of {before.name} and in the `deps` of {after.name}; "
        "`dvc dag` shows what is joined",
    )
    about = expect.Subject(f"{file}: the `deps` of stage {after.name}", fix)
    expected = f"an output of stage {before.name}: {', '.join([o.written for o in before.outputs[:8]]) or 'none'}"
    about.that(before.name in pipeline.committed.upstream(after.name), expected, _reads(after))


def _reads(stage: Stage) -> str:
    """The dependencies of a stage, for a message."""
    return ", ".join(dependency.written for dependency in stage.dependencies[:8]) or "none"


def _share(pipeline: Pipeline) -> float:
    """The share of the test rows that is declared by preprocess, or by a stage between it and the training."""
    work, stage, file = pipeline.work, pipeline.stages["preprocess"], pipeline.file("preprocess")
    names = ["preprocess", *sorted(pipeline.committed.upstream("train") - {"preprocess"})]
    found = {one.key: one.value for name in names for one in parameters.used(work, pipeline.stages[name])}
    key = next((key for key in found if parameters.is_named(key, parameters.SHARE)), None)
    if key is None:
        add = f"add {parameters.known(work, stage).get(parameters.SHARE, parameters.SHARE)} to the `params` of preprocess in {file}"
        fix = by_hand(work, add, "Declare the parameters")
        about = expect.Subject(f"{file}: the `params` of stage preprocess", fix)
        instead = ", ".join(sorted(found)[:12]) or "none"
        about.fail(f"the share of the test rows, a parameter named {parameters.SHARE}", instead)
    value = found[key]
    if isinstance(value, (int, float)) and 0 < value < 1:
        return value
    mend = by_hand(work, "write a share such as 0.2", "A share of test rows")
    about = expect.Subject(f"the parameter {key} in the last commit", mend)
    about.fail("a number between 0 and 1", f"{value}")


def _own_data(pipeline: Pipeline) -> None:
    """The data that the pipeline starts from is months 1 to 3 of this learner."""
    work, path = pipeline.work, pipeline.work.path(DATA)
    tracked = work.dvc.tracked(work.snapshot, path, work.stores)
    blob = work.snapshot.read(path) if tracked is None else None
    md5 = tracked.md5 if tracked else FileHash.of(blob).md5 if blob is not None else None
    own = work.data(MONTHS)
    there = work.files.is_file(path) and work.files.size(path) == own.size and work.files.hash(path) == own
    in_the_way = not there and work.files.kind(path) is not Kind.MISSING
    fix = expect.commands(
        f"rm {DATA}" if in_the_way else None,
        None if there else "mlsd start 1.2",
        f"dvc add {DATA}",
        run(work, "Use my own data"),
    )
    about = expect.Subject(work.shown(tracked.pointer) if tracked else DATA, fix)
    expected = f"md5 {own.md5}: months 1 to {MONTHS} of {work.learner.id}"
    found = f"md5 {md5}, other data" if md5 else "nothing that names it"
    about.that(md5 == own.md5 or (tracked is not None and md5 is None), expected, found)


def _in_share(pipeline: Pipeline, made: Pipeline, train: int, test: int) -> None:
    """The test rows are the share that the committed parameter names."""
    wanted, rows = _share(pipeline), train + test
    take = f"take the share of the test rows from the parameter {parameters.SHARE}"
    about = expect.Subject(f"the test rows: {test:,} of {rows:,}", split.fix(made, "test.csv", take))
    expected = f"a share of {wanted}, as the parameter says: {wanted * rows:,.0f} rows"
    about.that(abs(test - wanted * rows) <= 1, expected, f"a share of {test / rows:.3f}")


def _nothing_runs_twice(pipeline: Pipeline, ran: Reproduction) -> None:
    """A second `dvc repro` writes no output: nothing has changed."""
    for stage in pipeline.leading:
        again = ran.written_by_second(stage)
        file = pipeline.file(stage.name)
        leave = f"let {stage.name} leave alone what it depends on"
        expect.that(
            not again,
            looked_at=f"a second `{ran.command}` in the fresh clone",
            expected="that it runs nothing: nothing has changed",
            found=f"stage {stage.name} ran again, and wrote {', '.join(again[:4])}",
            fix=describe(file, f"take `always_changed: true` out of {stage.name} in {file}")
            if stage.always_changed
            else f"{ran.command}\ndvc status\n{by_hand(pipeline.work, leave)}",
        )


def _change_runs_what_it_touches(pipeline: Pipeline, ran: Reproduction) -> None:
    """A changed parameter of train runs train and evaluate, and no stage before them."""
    if not ran.changes:
        return
    work, number, script = pipeline.work, ran.changed, pipeline.script("train")
    change = ran.changes[number or 0]
    what = f"`{ran.command}` in the fresh clone, after {change.key} was changed to {change.value}"
    if number is None:
        about = expect.Subject(what, f"{parameters.set_parameter(work, change)}\n(let {script} take any such value)")
        about.fail("that it ends without an error", f"an error; the last it said:\n{ran.rebuilt.output}")
    for name in sorted(pipeline.committed.upstream("train")):
        only = f"in {pipeline.file(name)}, list below {name} only the files and parameters that it uses itself"
        about = expect.Subject(what, by_hand(work, only, "Declare what each stage uses"))
        expected = "that train and evaluate run, and nothing before them"
        found = f"stage {name} ran too: it depends on {change.key}"
        about.that(not ran.written_after_change(pipeline.stages[name]), expected, found)
    for name in ("train", "evaluate"):
        why = ": train wrote the same model as before" if name == "evaluate" else ""
        about = expect.Subject(what, by_hand(work, f"let {script} use {change.key}", "Use the parameters"))
        found = f"stage {name} did not run{why}"
        about.that(ran.written_after_change(pipeline.stages[name]), "that train and evaluate run", found)
