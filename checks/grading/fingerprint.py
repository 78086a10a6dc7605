"""What one submission's evidence says about itself: small enough to keep for everybody in a class and to compare.

It holds ids, hashes and times, and no text of the learner but names of files. `checks.grading.traces` takes it from an
open submission, `checks.grading.findings` compares those of a class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from checks.reports.json_object import JsonObject


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


def fingerprint_data(fingerprint: Fingerprint) -> dict[str, Any]:
    """The fingerprint as plain data for JSON."""
    return asdict(fingerprint)


def fingerprint_from(data: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint that `fingerprint_data` wrote. Raises ValueError where it is none."""
    value = JsonObject(dict(data), "fingerprint")
    return Fingerprint(
        tasks=tuple(_task(item) for item in value.objects("tasks")),
        learner=value.text_or_none("learner"),
        data=tuple(value.texts("data")),
        commits=tuple(value.texts("commits")),
        times=tuple(value.texts("times")),
        rewritten=tuple(value.texts("rewritten")),
        latest=int(value.number("latest")),
        manifest=value.text_or_none("manifest"),
    )


def _task(value: JsonObject) -> TaskPrint:
    script = value.object("script") if value.value.get("script") is not None else None
    return TaskPrint(
        task=value.text("task"),
        runs=tuple(value.texts("runs")),
        outputs=tuple(Held(item.text("path"), item.text("md5")) for item in value.objects("outputs")),
        foreign=tuple(Held(item.text("path"), item.text("md5")) for item in value.objects("foreign")),
        script=Script(script.text("exact"), script.text("signature")) if script else None,
        times=tuple(value.texts("times")),
        latest=int(value.number("latest")),
    )
