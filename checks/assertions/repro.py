"""`dvc repro` in a fresh clone: what it made, what a second one did, and what a changed parameter ran again.

Everything runs in one sandbox. What DVC says proves nothing, and neither does its lock: a stage ran where its outputs
were written, and an output is what its bytes hash to.
"""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks import limits
from checks.assertions.parameters import Change, changes
from checks.assertions.tried import pipeline_stages
from checks.core.recipe import Script
from checks.core.workspace import Form
from checks.evidence.dvc.committed import PIPELINE, Committed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checks.core.recipe import Remade
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.stage import Stage
    from checks.evidence.files import Files
    from checks.evidence.git.snapshot import Snapshot

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
class AsMade:
    """The files that a rebuild left, read where a commit's are: its locks and metrics, and the pipeline unchanged."""

    commit: Snapshot
    files: Files

    def is_file(self, path: str) -> bool:
        """Whether a plain file is there."""
        return self.files.is_file(path)

    def read(self, path: str) -> bytes | None:
        """The bytes of a plain file, or None."""
        return self.files.read(path, limits.TABLE_BYTES) if self.files.is_file(path) else None

    def paths(self, below: str = "", ending: str = "") -> Iterator[str]:
        """The paths of the commit's files below a folder whose names end in `ending`."""
        return self.commit.paths(below, ending)


@dataclass(frozen=True)
class Reproduced:
    """A fresh clone after `dvc repro`."""

    command: str
    """As it is typed in the task folder."""
    remade: Remade
    work: Workspace
    committed: Committed
    """The pipeline with the locks that this run wrote."""
    changes: tuple[Change, ...]
    """The parameters that were changed, one after the other, until one had an effect."""

    @property
    def first_ended(self) -> bool:
        """Whether the first `dvc repro` ended without an error."""
        return self.work.files.is_file(f"{_RECORD}/first")

    @property
    def second_ended(self) -> bool:
        """Whether the second one did."""
        return self.work.files.is_file(f"{_RECORD}/second")

    @property
    def changed(self) -> int | None:
        """Which of the changes ran without an error, the last of these; None where none did."""
        ran = [number for number in range(len(self.changes)) if self.work.files.is_file(f"{_RECORD}/changed-{number}")]
        return ran[-1] if ran else None

    def written_by_second(self, stage: Stage) -> list[str]:
        """The outputs of a stage that the second `dvc repro` wrote."""
        return self._written(stage, "first", "second")

    def written_after_change(self, stage: Stage) -> list[str]:
        """The outputs of a stage that were written after the parameter had been changed."""
        return self._written(stage, "before", f"changed-{self.changed}")

    def _written(self, stage: Stage, before: str, after: str) -> list[str]:
        states = self._state(before), self._state(after)
        paths = [self.work.shown(output.path) for output in stage.outputs]
        return [path for path in paths if _below(states[0], path) != _below(states[1], path)]

    def _state(self, name: str) -> dict[str, str]:
        lines = self.work.files.read(f"{_RECORD}/{name}", limits.TABLE_BYTES).decode("utf-8", "replace").splitlines()
        return {path: written for written, _, path in (line.partition("\t") for line in lines)}


def _below(state: Mapping[str, str], path: str) -> dict[str, str]:
    return {name: written for name, written in state.items() if name == path or name.startswith(f"{path}/")}


def reproduced(work: Workspace, committed: Committed, data: Mapping[str, int]) -> Reproduced:
    """A fresh clone of the last commit after `dvc repro`, a second one, and one with a changed parameter.

    `data` are the files that are not in Git, with the months that they hold. Raises what `Workspace.made` raises.
    """
    root = posixpath.relpath(".", work.folder)
    tried = changes(work, committed)
    evaluate = committed.stages["evaluate"]
    more = _MORE.format(
        root=root,
        record=_RECORD,
        folder=shlex.quote(work.folder),
        target=_target(work, committed),
        last=_quoted(work, [evaluate]),
        changes="\n".join(
            f"change {number} {shlex.quote(work.shown(change.path))} {shlex.quote(f'{change.key}={change.value}')}"
            for number, change in enumerate(tried)
        ),
    )
    remade = work.made(
        Script(_first(work, committed) + more, data=data, results=[*_results(work), f"{root}/{_RECORD}"])
    )
    return _read(work, committed, remade, tried)


def once_more(work: Workspace, committed: Committed, data: Mapping[str, int]) -> Reproduced:
    """Another fresh clone after `dvc repro`, to tell chance from what the committed code never gave."""
    remade = work.made(Script(_first(work, committed), data=data, results=_results(work)))
    return _read(work, committed, remade, ())


def evidence(work: Workspace, committed: Committed, data: Mapping[str, int]) -> tuple[Workspace, Committed]:
    """Where to look for what the pipeline wrote: in the submission, or for a branch in what a rebuild made of it."""
    if work.form is not Form.BRANCH or work.rebuild is None:
        return work, committed
    ran = reproduced(work, committed, data)
    return ran.work, ran.committed


def _read(work: Workspace, committed: Committed, remade: Remade, tried: tuple[Change, ...]) -> Reproduced:
    made = Committed(AsMade(work.snapshot, remade.work.files), work.folder)
    return Reproduced(f"dvc repro{_target(work, committed)}", remade, remade.work, made, tried)


def _first(work: Workspace, committed: Committed) -> str:
    stages = pipeline_stages(committed)
    return _FIRST.format(outputs=_quoted(work, stages), target=_target(work, committed))


def _quoted(work: Workspace, stages: list[Stage]) -> str:
    """The outputs of stages, for a shell in the task folder."""
    return " ".join(shlex.quote(f"./{work.shown(output.path)}") for stage in stages for output in stage.outputs)


def _target(work: Workspace, committed: Committed) -> str:
    """What `dvc repro` is told, in the task folder: nothing, or the `dvc.yaml` elsewhere that ends the pipeline."""
    file = work.shown(committed.stages["evaluate"].file)
    return "" if file == PIPELINE else f" {shlex.quote(file)}"


def _results(work: Workspace) -> list[str]:
    """What is kept: the task folder, and DVC's own folder where that lies above it."""
    root = work.dvc.root(work.snapshot)
    return ["."] if root in (None, work.folder) else [".", work.shown(posixpath.join(root or "", ".dvc"))]
