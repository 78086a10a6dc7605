"""Whether a reproduction gives the committed data and metrics.

Data must be the same, byte for byte: what stages before the training hand on. A model may differ in bytes between
platforms and library versions, and so may its predictions in their last digits: these are judged by the metrics.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks import expect
from checks.assertions.rebuilt import finished, same_numbers
from checks.evidence.dvc.committed import LockedFile, Written, overlap
from checks.evidence.dvc.objects import folder_hash, md5s
from checks.evidence.dvc.pointer import Output

from . import metrics
from .pipeline import Pipeline, by_hand, run
from .reproduce import Reproduction, once_more, reproduce

ROWS = frozenset({"cleaned.csv", "train.csv", "test.csv"})


def same_data(pipeline: Pipeline) -> Reproduction:
    """A fresh clone after `dvc repro`, which ended well and whose data has the locked hashes."""
    work, ran = pipeline.work, reproduce(pipeline)
    if not ran.ended("first"):
        look = by_hand(work, "commit what the scripts read, or let DVC track it").replace(
            "\n", "\ngit status --short --ignored\n", 1
        )
        finished(ran.rebuilt, ran.command, fix=look)
    if not ran.ended("second"):
        finished(ran.rebuilt, f"{ran.command}\n{ran.command}", fix=run(work))
    for entry in _data(pipeline):
        made = _hashes(ran, entry)
        if entry.locked is None or entry.locked.md5 in made:
            continue
        lock, script = pipeline.lock(entry.stage), pipeline.script(entry.stage.name)
        found, second = next(iter(made), "none"), next(iter(_hashes(once_more(pipeline), entry)), "none")
        again = f"md5 {found}, also in one more fresh clone: {lock} was not written by the committed code, data and parameters"
        chance = f"md5 {found}, and in one more fresh clone {second}: {script} leaves something to chance, such as a missing seed"
        expect.fail(
            looked_at=f"{work.shown(entry.output.path)} after `{ran.command}` in a fresh clone",
            expected=f"md5 {entry.locked.md5}, as {lock} says",
            found=again if found == second else chance,
            fix=run(work, "Run what is committed", force=True)
            if found == second
            else by_hand(work, f"in {script}, take every seed from the parameters", "Fix the seeds"),
        )
    return ran


def _data(pipeline: Pipeline) -> Iterator[Written]:
    """The outputs of stages before the training that a later stage reads, and the rows of the split."""
    before = pipeline.committed.upstream("train")
    read_later = [dependency.path for stage in pipeline.leading for dependency in stage.dependencies]
    for entry in pipeline.committed.outputs:
        path = entry.output.path
        named = posixpath.basename(path) in ROWS
        if entry.stage.name in before and (named or any(overlap(path, other) for other in read_later)):
            yield entry


def _hashes(ran: Reproduction, entry: Written) -> list[str]:
    """The hashes of an output as it was made: of its bytes, and of these with the line ends of other systems."""
    made, name = ran.pipeline, entry.stage.name
    locked = made.committed.locked(made.stages[name])
    output = locked.outputs.get(entry.output.written) if locked else None
    if output is None:
        return []
    if not output.is_folder:
        return md5s(made.content(LockedFile(name, output.path, output)))
    listing = made.contents.listing(output)
    if listing is None:
        return []
    forms: list[dict[str, str]] = [{}, {}, {}]
    for inner, md5 in listing.items():
        path = posixpath.join(output.path, inner)
        content = made.content(LockedFile(name, path, Output(path, md5, None, output.legacy)))
        for form, found in zip(forms, md5s(content or b""), strict=True):
            form[inner] = found
    return [folder_hash(form) for form in forms]


def same_metrics(pipeline: Pipeline, ran: Reproduction) -> None:
    """The committed metrics are those that the committed code gives."""
    work, metric = pipeline.work, metrics.left_to_git(pipeline)
    shown = work.shown(metric.path)
    script = " or ".join(map(pipeline.script, ("train", metric.stage)))

    def numbers(one_more: bool) -> dict[str, float]:
        made = once_more(pipeline) if one_more else ran
        data = made.pipeline.committed.snapshot.read(metric.path)
        return metrics.values(work, data, f"{shown} in a fresh clone") if data is not None else {}

    same_numbers(
        metrics.values(work, pipeline.committed.snapshot.read(metric.path) or b"", shown),
        numbers,
        where=f"{shown} in your commit",
        script=script,
        mend_chance=by_hand(
            work, f"in {script}, take every seed from the parameters: random_state=...", "Fix the seeds"
        ),
        mend_other=run(work, "Run what is committed", force=True),
    )
