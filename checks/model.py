"""The result model: verdicts on steps, tasks and submissions. Frozen data, no input or output.

This is the seam between judging, grading and every report. A score is computed here and nowhere else,
so that the terminal, the gradebook and every export show the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

RESULTS_SCHEMA = 1
"""The version of `results.json` that these classes are written as."""


class Outcome(StrEnum):
    """How a step came out."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    """A step that it needs did not pass, so it was not judged."""
    UNAVAILABLE = "unavailable"
    """It could not be looked at here. Not counted in the score's maximum."""
    ERROR = "error"
    """Our fault. Not counted in the score's maximum, and never a learner's zero."""


COUNTED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED})
"""The outcomes whose points count in `max_score`."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of one task, judged.

    `looked_at`, `expected`, `found` and `fix` are set where the outcome is `failed`; `reason` where it is
    `blocked`, `unavailable` or `error`. `see` is the README section that teaches the step, as a path
    below the course with an anchor. `seconds` is the time that judging took.
    """

    step: str
    """The full id, such as `4.2/step`."""
    title: str
    outcome: Outcome
    max_points: float
    seconds: float = 0.0
    looked_at: str | None = None
    expected: str | None = None
    found: str | None = None
    fix: str | None = None
    see: str | None = None
    reason: str | None = None

    @property
    def points(self) -> float:
        """The points that this step earned."""
        return self.max_points if self.outcome is Outcome.PASSED else 0.0


@dataclass(frozen=True, slots=True)
class TaskReport:
    """The steps of one task, judged, in the task's order."""

    task: str
    """The task's id, such as `4.2`."""
    title: str
    steps: tuple[StepResult, ...]

    @property
    def score(self) -> float:
        """The points that were earned."""
        return sum([step.points for step in self.steps])

    @property
    def max_score(self) -> float:
        """The points that could be verified here: all but those of `unavailable` and `error` steps."""
        return sum([step.max_points for step in self.steps if step.outcome in COUNTED])

    @property
    def total(self) -> float:
        """All points of the judged steps."""
        return sum([step.max_points for step in self.steps])


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a submission is from: the roster's word, or without a roster the work's own (`learner.toml`)."""

    id: str
    name: str
    email: str | None = None
    """Known from a roster only."""


MISSING = "missing"
"""The kind of problem of who is in the roster and handed nothing in."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a submission could not be read at all. `kind` is a stable word, `detail` a sentence."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an instructor should look at. It never changes a score."""

    kind: str
    step: str
    """The id of the step or task that it is about; empty where it is about the whole submission."""
    detail: str
    others: tuple[str, ...] = ()
    """The other submissions that it concerns (`with` in `results.json`)."""


@dataclass(frozen=True, slots=True)
class SubmissionReport:
    """One learner's submission, judged. With a `problem`, it has no tasks."""

    submission: str
    """The name of the file or folder that was graded, unchanged and unescaped."""
    tasks: tuple[TaskReport, ...] = ()
    learner: Identity | None = None
    commit: str | None = None
    """The commit that was judged: 40 hexadecimal digits."""
    submitted: str | None = None
    """ISO 8601, or None where nobody recorded it."""
    late: bool = False
    penalty: float = 0.0
    """The share of the points that coming late costs: 0 to 1."""
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """Every step of every task, in order."""
        return tuple(step for task in self.tasks for step in task.steps)

    @property
    def score(self) -> float:
        """The points that were earned."""
        return sum(task.score for task in self.tasks)

    @property
    def max_score(self) -> float:
        """The points that could be verified."""
        return sum(task.max_score for task in self.tasks)

    @property
    def total(self) -> float:
        """All points of the judged tasks."""
        return sum(task.total for task in self.tasks)

    @property
    def final(self) -> float:
        """The points that count: those that were earned, less the cost of late work."""
        return self.score * (1 - self.penalty)

    @property
    def late_cost(self) -> float:
        """The points that coming late costs."""
        return self.score - self.final

    @property
    def grade(self) -> float | None:
        """The points for somebody else's gradebook: `final`, or None where nothing could be judged. That is no zero."""
        return None if self.problem or not self.max_score else self.final


@dataclass(frozen=True, slots=True)
class CourseStamp:
    """Which course, and which version of its checkers, gave a result."""

    id: str
    version: str
    checks: str
    """`sha256:` and the hash of the checkers' sources."""


@dataclass(frozen=True, slots=True)
class CohortReport:
    """A judged class: the content of `results.json`."""

    course: CourseStamp
    created: str
    """ISO 8601, in UTC."""
    submissions: Sequence[SubmissionReport]
    """In memory, or read one by one where there are thousands."""
