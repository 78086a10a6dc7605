"""A fingerprint of one submission's evidence: small enough to keep for everybody in a class and to compare.

It holds ids, hashes and times, and no text of the learner but names of files. `checks.findings.traces` takes it from an
open submission, `checks.findings.findings` compares those of a class. In between it is plain data for JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file of a submission: its path in the task folder, and its MD5, as DVC writes it."""

    path: str
    md5: str


@dataclass(frozen=True, slots=True)
class TaskPrint:
    """The fingerprint of one task."""

    runs: tuple[str, ...] = ()
    """The ids of MLflow runs: drawn anew by MLflow for each run."""
    outputs: tuple[HashedFile, ...] = ()
    """The outputs that DVC's pipeline made of the learner's own data."""
    foreign: tuple[HashedFile, ...] = ()
    """Data files of the task that are not those of the learner."""
    script: str | None = None
    """The MinHash of its Python code beyond what the course itself shows, as hexadecimal digits."""
    times: tuple[str, ...] = ()
    """Each contradiction in the order of its times, as a sentence."""
    latest: int = 0
    """The latest time that the task's evidence names, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class WholePrint:
    """The fingerprint of a submission beside its tasks."""

    learner: str | None = None
    """The learner's id, as the work says it."""
    data: tuple[str, ...] = ()
    """The MD5 of every version of the data that is made for this learner."""
    commits: tuple[str, ...] = ()
    """The learner's own commits: those that hold `learner.toml`, which no commit of the course does."""
    times: tuple[str, ...] = ()
    """Each contradiction in the order of the commits' times, as a sentence."""
    rewritten: tuple[str, ...] = ()
    """Each commit that was made again, or whose times were set by hand, as a sentence."""
    latest: int = 0
    """The latest time of a commit, in seconds since 1970."""
    manifest: str | None = None
    """The differences between the submission and its manifest, as a sentence; None where it agrees or is none."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprint of a submission."""

    whole: WholePrint
    tasks: Mapping[str, TaskPrint]
    """By the task's id."""


def fingerprint(evidence: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint in plain data: each task's by its id, and that of the whole by the empty string.

    Raises msgspec.ValidationError for other data.
    """
    tasks = {task: msgspec.convert(data, TaskPrint) for task, data in evidence.items() if task}
    return Fingerprint(msgspec.convert(evidence.get("", {}), WholePrint), tasks)
