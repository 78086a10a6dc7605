"""What one submission's evidence says about itself: small enough to keep for everybody in a class and to compare.

It holds ids, hashes and times, and no text of the learner but names of files. `checks.findings.traces` takes it from an
open submission, `checks.findings.findings` compares those of a class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Held:
    """A file as the submission holds it: its path in the task folder, and its MD5, as DVC writes it."""

    path: str
    md5: str


@dataclass(frozen=True, slots=True)
class Script:
    """The Python code of a task beyond what the course itself shows."""

    exact: str
    """The hash of all of it, names of variables, texts and numbers left out of account."""
    signature: str
    """The MinHash of its parts, as hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class TaskPrint:
    """What the evidence of one task says."""

    task: str
    runs: tuple[str, ...] = ()
    """The ids of MLflow runs: drawn anew by MLflow for each run."""
    outputs: tuple[Held, ...] = ()
    """What DVC's pipeline made of the learner's own data."""
    foreign: tuple[Held, ...] = ()
    """Data files of the task that are not those of the learner."""
    script: Script | None = None
    times: tuple[str, ...] = ()
    """What can't be in the order of its times, each a sentence."""
    latest: int = 0
    """The latest time that the task's evidence names, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the evidence of one submission says."""

    tasks: tuple[TaskPrint, ...] = ()
    learner: str | None = None
    """The learner's id, as the work says it."""
    data: tuple[str, ...] = ()
    """The MD5 of every version of the data that is made for this learner."""
    commits: tuple[str, ...] = ()
    """The learner's own commits: those that hold `learner.toml`, which no commit of the course does."""
    times: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    """What shows that commits were made again, or that their times were set by hand, each a sentence."""
    latest: int = 0
    manifest: str | None = None
    """How a manifest in the submission differs from what it lists, as a sentence; None where it agrees or is none."""


def renewed(known: Fingerprint, fresh: Fingerprint) -> Fingerprint:
    """The fingerprint of a submission of which some tasks were looked at again."""
    tasks = {task.task: task for task in (*known.tasks, *fresh.tasks)}
    data = max(known.data, fresh.data, key=len) if known.learner == fresh.learner else fresh.data
    return replace(fresh, tasks=tuple(tasks.values()), data=data)
