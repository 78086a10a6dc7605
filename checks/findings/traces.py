"""Taking the fingerprint of an open submission: direct reads, most of them of what the judge has read already.

A part that can't be read is left out. Not looked at, as it tells nothing certain: how long the work took (who tries
things first and then types the commands of the README is done in a minute), and the ids of images (two learners at one
machine share the layers that Docker keeps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from checks import limits
from checks.core import data
from checks.core.learner import LEARNER_FILE
from checks.evidence.dvc.pointer import parse_pointer
from checks.evidence.files import FileHash
from checks.expect import Failure, Unavailable
from checks.findings import chronology
from checks.findings.fingerprint import HashedFile, TaskPrint, WholePrint
from checks.findings.similarity import signature_of

if TYPE_CHECKING:
    from checks.core.clone import Clone
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.core.workspace import Workspace
    from checks.evidence.dvc.pointer import LockedStage
    from checks.evidence.git.objects import Commit
    from checks.evidence.git.repository import Git

T = TypeVar("T")

_SMALL = 200
"""Bytes of an output that proves nothing: three rounded numbers can be alike by chance."""
_FAULTS = 3
"""Differences from its manifest that a finding tells."""
_DATA_BYTES = 8 << 20
"""A data file that is hashed here. Three months of a learner's data are below 0.2 MB."""


def task_evidence(work: Workspace, task: Task) -> Any:
    """The fingerprint of one task (`TaskPrint`) as plain data. To be taken before the workspace is closed."""
    own = _readable(lambda: own_data(work.learner.id, _months([task]))) or ()
    runs = (_readable(lambda: work.mlflow.runs) if "mlflow" in task.tools else None) or ()
    locked = (_readable(lambda: _locked(work)) if "dvc" in task.tools else None) or []
    tracked = (_readable(lambda: list(_tracked(work))) if "dvc" in task.tools else None) or []
    held = [*tracked, *_read(locked), *_working(work, task)] if own else []
    found = TaskPrint(
        runs=tuple(sorted({run.id[: limits.FINGERPRINT_TEXT] for run in runs})[: limits.FINGERPRINT_ITEMS]),
        outputs=_some(work, _personal(locked, own)),
        foreign=_some(work, ((path, md5) for path, md5 in held if md5 not in own)),
        script=_readable(lambda: signature_of(work, task)),
        times=chronology.of_runs(runs, lambda commit: _readable(lambda: work.git.commit(commit).time)),
        latest=chronology.latest(runs),
    )
    return msgspec.to_builtins(found)


def submission_evidence(clone: Clone, course: Course) -> Any:
    """The fingerprint of a submission beside its tasks (`WholePrint`) as plain data."""
    learner = _readable(lambda: clone.learner.id)
    commits, known = _readable(lambda: own_commits(clone.git)) or ([], {})
    found = WholePrint(
        learner=learner,
        data=() if learner is None else own_data(learner, _months(course.tasks)),
        commits=tuple(commit.id for commit in commits[: limits.FINGERPRINT_ITEMS]),
        times=chronology.of_commits(commits, known),
        rewritten=chronology.rewritten(commits),
        latest=max((commit.time for commit in commits), default=0),
        manifest="; ".join(clone.manifest_faults[:_FAULTS]) or None,
    )
    return msgspec.to_builtins(found)


@lru_cache(maxsize=8)
def own_data(learner: str, months: int) -> tuple[str, ...]:
    """The MD5 of every version of a learner's data up to a month: all months so far, and each month alone."""
    versions = [data.months(learner, count) for count in range(1, months + 1)]
    versions += [data.month(learner, number) for number in range(2, months + 1)]
    return tuple(FileHash.of(version).md5 for version in versions)


def own_commits(git: Git) -> tuple[list[Commit], dict[str, Commit]]:
    """The learner's own commits, the oldest first, and by its id each of them and what they build on.

    Own are those that hold `learner.toml`: no commit of the course does, and it is there from the learner's first or
    second commit on. Of more than `limits.FINGERPRINT_COMMITS`, the latest.
    """

    def holds(commit: Commit) -> bool:
        return git.at(commit).is_file(LEARNER_FILE)

    own = list(filter(holds, git.history))[-limits.FINGERPRINT_COMMITS :]
    return own, {commit.id: commit for commit in git.history}


def _readable(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (Failure, Unavailable):  # told by the steps that need it
        return None


def _months(tasks: Sequence[Task]) -> int:
    return max((file.last for task in tasks for file in task.data), default=0)


def _some(work: Workspace, found: Iterable[tuple[str, str]]) -> tuple[HashedFile, ...]:
    """A few of the files, the same ones in every submission that holds the same."""
    few = sorted(set(found), key=lambda file: file[::-1])[: limits.FINGERPRINT_ITEMS]
    return tuple(HashedFile(work.shown(path)[: limits.FINGERPRINT_TEXT], md5) for path, md5 in few)


def _locked(work: Workspace) -> list[LockedStage]:
    locks = work.dvc.pipelines(work.snapshot).locks
    return [stage for stages in locks.values() for stage in stages.values()]


def _personal(stages: list[LockedStage], own: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The path and MD5 of every output that the pipeline made of this learner's own data, step by step.

    Of outputs of other data, the data is what is shared.
    """
    reached = {file.path for stage in stages for file in stage.dependencies.values() if file.md5 in own}
    waiting = list(stages)
    while ready := [stage for stage in waiting if any(file.path in reached for file in stage.dependencies.values())]:
        waiting = [stage for stage in waiting if stage not in ready]
        for stage in ready:
            for file in stage.outputs.values():
                reached.add(file.path)
                if file.size is None or file.size > _SMALL:
                    yield file.path, file.md5


def _tracked(work: Workspace) -> Iterator[tuple[str, str]]:
    """The path and MD5 of every output that a DVC pointer names."""
    for pointer in work.dvc.pointers(work.snapshot):
        for output in parse_pointer(work.snapshot.read(pointer) or b"", pointer):
            yield output.path, output.md5


def _read(stages: list[LockedStage]) -> Iterator[tuple[str, str]]:
    """The path and MD5 of every dependency that the pipeline did not make itself, code left out."""
    made = {file.path for stage in stages for file in stage.outputs.values()}
    for stage in stages:
        for file in stage.dependencies.values():
            if file.path not in made and not file.path.endswith(".py"):
                yield file.path, file.md5


def _working(work: Workspace, task: Task) -> Iterator[tuple[str, str]]:
    """The path and MD5 of the data in the working tree."""
    for path in (work.path(file.path) for file in task.data):
        found = _readable(partial(work.files.hash, path, _DATA_BYTES))
        if found is not None:
            yield path, found.md5
