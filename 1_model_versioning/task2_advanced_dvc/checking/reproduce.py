"""`dvc repro` in a fresh clone: its results, those of a second one, and of one with a changed parameter.

Everything runs in one sandbox. What DVC prints proves nothing, and neither does its lock: a stage ran where its outputs
were written, and an output is what its bytes hash to. Data must be the same, byte for byte: what stages before the
training hand on. A model may differ in bytes between platforms and library versions, and so may its predictions in
their last digits: these are judged by the metrics.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from checks import Workspace, expect, limits
from checks.assertions.rebuilt import finished, same_numbers
from checks.core.workspace import Form, Rebuilt, Script
from checks.evidence.dvc.committed import PIPELINE, Committed, LockedFile, Written, overlap
from checks.evidence.dvc.objects import folder_hash, md5s
from checks.evidence.dvc.parameters import Parameter
from checks.evidence.dvc.pointer import Output
from checks.evidence.dvc.stage import Stage
from checks.evidence.files import Files
from checks.evidence.git.snapshot import Snapshot

from . import metrics
from .parameters import changes
from .pipeline import DATA, MONTHS, Pipeline, by_hand, run

_LAID_OUT = {DATA: MONTHS}
"""What `mlsd start` lays out, and Git does not keep."""
_ROWS = frozenset({"cleaned.csv", "train.csv", "test.csv"})
_RECORD = ".rebuilt"
"""Where the sandbox keeps the states, in the clone's root."""
# Nothing that the commit brought may pass for made: no output and, by --force, no cached run.
_FIRST = """
set -e
rm -rf -- {outputs}
dvc repro --force{target}
"""
# A state is a line for each file: its inode, when it was written, and its path. DVC removes the outputs of a stage
# before it runs it, so a stage that ran has other inodes or times.
# The parameter is changed as `dvc exp run --set-param` does it, in a copy: what was made first stays to be looked at.
_MORE = """
record=$(pwd)/{root}/{record}
rm -rf -- "$record"
mkdir "$record"
state() {{ find . -name .dvc -prune -o ! -type d -printf '%i %T@\\t%P\\n' > "$record/$1"; }}
state first
dvc repro{target}
state second
copy=$(mktemp -d)
cp -a {root}/. "$copy"
cd -- "$copy"/{folder}
state before
change() {{
    cp -p -- "$2" "$copy.parameters"
    python -P -c "$override" "$2" "$3" || return 0
    if dvc repro{target}; then
        state "changed-$1"
        if [ -n "$(find {last} -newer "$record/before" 2> /dev/null)" ]; then exit 0; fi
    fi
    cp -p -- "$copy.parameters" "$2"
}}
override='import sys; from dvc.utils.hydra import apply_overrides; apply_overrides(sys.argv[1], sys.argv[2:])'
{changes}
"""


@dataclass(frozen=True)
class _Folder:
    """The files that a rebuild left, read where a commit's are: its locks and metrics, and the pipeline unchanged."""

    commit: Snapshot
    files: Files

    def is_file(self, path: str) -> bool:
        return self.files.is_file(path)

    def read(self, path: str) -> bytes | None:
        return self.files.read(path, limits.TABLE_BYTES) if self.files.is_file(path) else None

    def paths(self, below: str = "", ending: str = "") -> Iterator[str]:
        return self.commit.paths(below, ending)


@dataclass(frozen=True)
class Reproduction:
    """A fresh clone after `dvc repro`."""

    command: str
    """As it is typed in the task folder."""
    rebuilt: Rebuilt
    pipeline: Pipeline
    """The pipeline with the locks that this run wrote."""
    changes: list[Parameter]
    """The parameters that were changed, one after the other, until one had an effect, with their other values."""

    def ended(self, state: str) -> bool:
        """Whether the `dvc repro` before a state (`first`, `second`) ended without an error."""
        return self.rebuilt.work.files.is_file(f"{_RECORD}/{state}")

    @property
    def changed(self) -> int | None:
        """The number of the last change that ran without an error; None where none did."""
        return max((number for number in range(len(self.changes)) if self.ended(f"changed-{number}")), default=None)

    def written_by_second(self, stage: Stage) -> list[str]:
        """The outputs of a stage that the second `dvc repro` wrote."""
        return self._written(stage, "first", "second")

    def written_after_change(self, stage: Stage) -> list[str]:
        """The outputs of a stage that were written after the parameter had been changed."""
        return self._written(stage, "before", f"changed-{self.changed}")

    def _written(self, stage: Stage, before: str, after: str) -> list[str]:
        one, other = self._state(before), self._state(after)
        moved = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
        paths = [self.pipeline.work.shown(output.path) for output in stage.outputs]
        return [path for path in paths if any(f"{file}/".startswith(f"{path}/") for file in moved)]

    def _state(self, name: str) -> dict[str, str]:
        data = self.rebuilt.work.files.read(f"{_RECORD}/{name}", limits.TABLE_BYTES)
        lines = (line.partition("\t") for line in data.decode("utf-8", "replace").splitlines())
        return {path: written for written, _, path in lines}


def reproduce(pipeline: Pipeline) -> Reproduction:
    """A fresh clone of the last commit after `dvc repro`, a second one, and one with a changed parameter.

    It is made once however many steps ask for it. Raises what `Workspace.made` raises.
    """
    work, other = pipeline.work, changes(pipeline)
    root = posixpath.relpath(".", work.folder)
    calls = (
        f"change {number} {shlex.quote(work.shown(one.path))} {shlex.quote(f'{one.key}={one.value}')}"
        for number, one in enumerate(other)
    )
    more = _MORE.format(
        root=root,
        record=_RECORD,
        folder=shlex.quote(work.folder),
        target=_target(pipeline),
        last=_quoted(work, [pipeline.stages["evaluate"]]),
        changes="\n".join(calls),
    )
    return _read(pipeline, work.rebuilt(_script(pipeline, more, f"{root}/{_RECORD}")), other)


def once_more(pipeline: Pipeline) -> Reproduction:
    """Another fresh clone after `dvc repro`, to tell chance from what the committed code never gave."""
    return _read(pipeline, pipeline.work.rebuilt(_script(pipeline)), [])


def outputs_of(pipeline: Pipeline) -> Pipeline:
    """Where the outputs are: in the submission itself, or for a branch in a rebuild, where one was asked for."""
    if pipeline.work.form is not Form.BRANCH or pipeline.work.rebuild is None:
        return pipeline
    return reproduce(pipeline).pipeline


def _script(pipeline: Pipeline, more: str = "", *results: str) -> Script:
    """`dvc repro` and `more`. The task folder is kept, and DVC's own folder where that lies above it."""
    work, root = pipeline.work, pipeline.work.dvc.root(pipeline.work.snapshot)
    above = [] if root in (None, work.folder) else [work.shown(posixpath.join(root or "", ".dvc"))]
    first = _FIRST.format(outputs=_quoted(work, pipeline.leading), target=_target(pipeline))
    return Script(first + more, data=_LAID_OUT, results=[".", *above, *results])


def _read(pipeline: Pipeline, rebuilt: Rebuilt, other: list[Parameter]) -> Reproduction:
    work = pipeline.work
    made = Committed(_Folder(work.snapshot, rebuilt.work.files), work.folder)
    return Reproduction(f"dvc repro{_target(pipeline)}", rebuilt, Pipeline(rebuilt.work, made), other)


def _quoted(work: Workspace, stages: list[Stage]) -> str:
    """The outputs of stages, for a shell in the task folder."""
    return " ".join(shlex.quote(f"./{work.shown(output.path)}") for stage in stages for output in stage.outputs)


def _target(pipeline: Pipeline) -> str:
    """The argument that `dvc repro` needs in the task folder: none, or the `dvc.yaml` elsewhere that ends the pipeline."""
    file = pipeline.file("evaluate")
    return "" if file == PIPELINE else f" {shlex.quote(file)}"


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
        named = posixpath.basename(path) in _ROWS
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
