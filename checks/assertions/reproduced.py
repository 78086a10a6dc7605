"""Assertions over what `dvc repro` made in a fresh clone, held against the committed lock and metrics.

Data must be the same, byte for byte: what stages before the training hand on. A model may differ in bytes between
platforms and library versions, and so may its predictions in their last digits: these are judged by the metrics.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from checks import expect
from checks.assertions import metrics
from checks.assertions.outputs import folder_hash, line_ends, read, stores
from checks.assertions.pipeline import described, scripts
from checks.assertions.remade import finished, same_numbers
from checks.assertions.rerun import rerun
from checks.assertions.tried import pipeline_stages
from checks.evidence.dvc.committed import lock_of
from checks.evidence.dvc.graph import overlap
from checks.evidence.dvc.pointer import Output
from checks.evidence.files import FileHash

if TYPE_CHECKING:
    from checks.assertions.repro import Reproduced
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.committed import Committed, Written
    from checks.evidence.dvc.stage import Stage

ROWS = frozenset({"cleaned.csv", "train.csv", "test.csv"})
Again = Callable[[], "Reproduced"]
"""Gives one more fresh clone after `dvc repro`."""


def ended(work: Workspace, ran: Reproduced) -> None:
    """The first `dvc repro` ended without an error, and so did the second."""
    if not ran.first_ended:
        finished(
            ran.remade,
            ran.command,
            fix=f"(commit what the scripts read, or let DVC track it)\ngit status --short --ignored\n{rerun(work)}",
        )
    if not ran.second_ended:
        finished(ran.remade, f"{ran.command}\n{ran.command}", fix=rerun(work))


def same_data(work: Workspace, committed: Committed, ran: Reproduced, again: Again) -> None:
    """The data that the stages before the training hand on have the locked hashes."""
    for entry in _data(committed):
        if entry.locked is None:
            continue
        made = _made(ran, entry)
        if entry.locked.md5 in made:
            continue
        shown, lock = work.shown(entry.output.path), work.shown(lock_of(entry.stage.file))
        script = _script(work, entry.stage)
        found = made[0] if made else "none"
        second = next(iter(_made(again(), entry)), "none")
        chance = second != found
        expect.fail(
            looked_at=f"{shown} after `{ran.command}` in a fresh clone",
            expected=f"md5 {entry.locked.md5}, as {lock} says",
            found=f"md5 {found}, and in one more fresh clone {second}: {script} leaves something to chance, such as a missing seed"
            if chance
            else f"md5 {found}, also in one more fresh clone: {lock} was not written by the committed code, data and parameters",
            fix=f"(in {script}, take every seed from the parameters)\n{rerun(work, 'Fix the seeds')}"
            if chance
            else rerun(work, "Run what is committed", force=True),
        )


def same_metrics(work: Workspace, committed: Committed, ran: Reproduced, again: Again) -> None:
    """The committed metrics are those that the committed code gives."""
    metric = metrics.declared(work, committed)
    shown = work.shown(metric.path)
    script = " or ".join(_script(work, committed.stages[name]) for name in ("train", metric.stage))

    def numbers(one_more: bool) -> dict[str, float]:
        made = again() if one_more else ran
        data = made.committed.snapshot.read(metric.path)
        return metrics.values(work, data, f"{shown} in a fresh clone") if data is not None else {}

    same_numbers(
        metrics.values(work, committed.snapshot.read(metric.path) or b"", shown),
        numbers,
        where=f"{shown} in your commit",
        script=script,
        mend_chance=f"(in {script}, take every seed from the parameters: random_state=...)\n{rerun(work, 'Fix the seeds')}",
        mend_other=rerun(work, "Run what is committed", force=True),
    )


def nothing_runs_twice(work: Workspace, committed: Committed, ran: Reproduced) -> None:
    """A second `dvc repro` writes no output: nothing has changed."""
    for stage in pipeline_stages(committed):
        again = ran.written_by_second(stage)
        file = work.shown(stage.file)
        expect.that(
            not again,
            looked_at=f"a second `{ran.command}` in the fresh clone",
            expected="that it runs nothing: nothing has changed",
            found=f"stage {stage.name} ran again, and wrote {', '.join(again[:4])}",
            fix=f"(take `always_changed: true` out of {stage.name} in {file})\n{described(file)}"
            if stage.always_changed
            else f"{ran.command}\ndvc status\n(let {stage.name} leave alone what it depends on)\n{rerun(work)}",
        )


def change_runs_what_it_touches(work: Workspace, committed: Committed, ran: Reproduced) -> None:
    """A changed parameter of train runs train and evaluate, and no stage before them."""
    if not ran.changes:
        return
    number = ran.changed
    change = ran.changes[number or 0]
    what = f"`{ran.command}` in the fresh clone, after {change.key} was changed to {change.value}"
    if number is None:
        expect.fail(
            looked_at=what,
            expected="that it ends without an error",
            found=f"an error; the last it said:\n{ran.remade.output}",
            fix=f"dvc exp run --set-param {_parameter(work, change.path)}{change.key}={change.value}\n"
            f"(let {_script(work, committed.stages['train'])} take any such value)",
        )
    for name in sorted(committed.upstream("train")):
        stage = committed.stages[name]
        file = work.shown(stage.file)
        expect.that(
            not ran.written_after_change(stage),
            looked_at=what,
            expected="that train and evaluate run, and nothing before them",
            found=f"stage {name} ran too: it depends on {change.key}",
            fix=f"(in {file}, list below {name} only the files and parameters that it uses itself)\n"
            f"{rerun(work, 'Declare what each stage uses')}",
        )
    for name in ("train", "evaluate"):
        expect.that(
            ran.written_after_change(committed.stages[name]),
            looked_at=what,
            expected="that train and evaluate run",
            found=f"stage {name} did not run"
            + (": train wrote the same model as before" if name == "evaluate" else ""),
            fix=f"(let {_script(work, committed.stages['train'])} use {change.key})\n{rerun(work, 'Use the parameters')}",
        )


def _data(committed: Committed) -> Iterator[Written]:
    """The outputs of stages before the training that a later stage reads, and the rows of the split."""
    before = committed.upstream("train")
    read_later = [dependency.path for stage in pipeline_stages(committed) for dependency in stage.dependencies]
    for entry in committed.outputs:
        path = entry.output.path
        named = posixpath.basename(path) in ROWS
        if entry.stage.name in before and (named or any(overlap(path, other) for other in read_later)):
            yield entry


def _made(ran: Reproduced, entry: Written) -> list[str]:
    """The hashes of an output as the rebuild made it: of its bytes, and of these with the line ends of other systems."""
    locked = ran.committed.locked(ran.committed.stages[entry.stage.name])
    made = locked.outputs.get(entry.output.written) if locked else None
    if made is None:
        return []
    if not made.is_folder:
        data = read(ran.work, ran.committed.snapshot, made.path, made)
        return [FileHash.of(form).md5 for form in line_ends(data)] if data is not None else []
    listings = (store.listing(made) for store in stores(ran.work))
    listing = next((found for found in listings if found is not None), None)
    if listing is None:
        return []
    forms: list[dict[str, str]] = [{}, {}, {}]
    for inner, md5 in listing.items():
        path = posixpath.join(made.path, inner)
        data = read(ran.work, ran.committed.snapshot, path, Output(path, md5, None, made.legacy)) or b""
        for form, content in zip(forms, line_ends(data), strict=True):
            form[inner] = FileHash.of(content).md5
    return [folder_hash(form) for form in forms]


def _script(work: Workspace, stage: Stage) -> str:
    return next(map(work.shown, scripts(stage)), f"stage {stage.name}")


def _parameter(work: Workspace, path: str) -> str:
    shown = work.shown(path)
    return "" if shown == "params.yaml" else f"{shown}:"
