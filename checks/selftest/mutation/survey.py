"""Which mutations of a finished solution no step refuses, and which of them the task explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.errors import CourseError
from checks.core.selection import Selection
from checks.evidence.documents import parse_toml
from checks.expect import Failure
from checks.model import Outcome, SubmissionReport
from checks.selftest.mutation.artifacts import mutations
from checks.selftest.mutation.content import Mutation
from checks.submissions.check import check_submission

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task

SURVIVORS = "mistakes/survivors.toml"
"""In a task's folder: which mutations may pass. `artifact` and each of `changes` are patterns; `reason` says why."""


class Verdict(StrEnum):
    """The verdict on a mutation."""

    REFUSED = "refused"
    EXPLAINED = "explained"
    SURVIVED = "survived"
    BROKE = "broke a check"

    @property
    def is_fault(self) -> bool:
        """Whether the checker or its explanations must be mended."""
        return self in (Verdict.SURVIVED, Verdict.BROKE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutation and its verdict. `detail` is the reason of one that is explained, or what broke."""

    name: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Survivor:
    artifact: str
    changes: tuple[str, ...]
    reason: str

    def explains(self, mutation: Mutation) -> bool:
        if not fnmatchcase(mutation.artifact, self.artifact):
            return False
        return any(fnmatchcase(mutation.change, change) for change in self.changes)


def survey(course: Course, task: Task, solved: Path) -> Iterator[Judged]:
    """Judge every mutation of a finished clone, which is as it was at the end; each as soon as it is there.

    An explanation that no survivor needs is itself a survivor: what it spoke of has changed.
    Raises CourseError where the explanations are malformed.
    """
    explanations = _explanations(task)
    needed = set()
    for mutation in mutations(solved, task):
        with mutation.applied():
            report = check_submission(course, solved, [Selection(task)])
        judged = _judged(mutation, report, explanations)
        needed |= {one for one in explanations if judged.verdict is Verdict.EXPLAINED and one.explains(mutation)}
        yield judged
    for explanation in explanations:
        if explanation not in needed:
            name = f"{explanation.artifact}: {', '.join(explanation.changes)}"
            yield Judged(name, Verdict.SURVIVED, f"{SURVIVORS} explains it, and no such mutation survives")


def _judged(mutation: Mutation, report: SubmissionReport, explanations: tuple[_Survivor, ...]) -> Judged:
    broken = [step for step in report.steps if step.outcome is Outcome.ERROR]
    if broken:
        return Judged(mutation.name, Verdict.BROKE, f"{broken[0].step}: {broken[0].reason}")
    if report.problem or any(step.outcome is Outcome.FAILED for step in report.steps):
        return Judged(mutation.name, Verdict.REFUSED)
    reason = next((one.reason for one in explanations if one.explains(mutation)), None)
    return Judged(mutation.name, Verdict.EXPLAINED, reason) if reason else Judged(mutation.name, Verdict.SURVIVED)


def _explanations(task: Task) -> tuple[_Survivor, ...]:
    where = task.path / SURVIVORS
    if not where.exists():
        return ()
    try:
        tables = parse_toml(where.read_bytes(), str(where)).get("survivor", [])
        return tuple(
            _Survivor(str(one["artifact"]), tuple(map(str, one["changes"])), str(one["reason"])) for one in tables
        )
    except KeyError as error:
        raise CourseError(f"{where}: the key {error} is missing") from None
    except Failure as failure:
        raise CourseError(f"{where}: {failure.found}") from None
