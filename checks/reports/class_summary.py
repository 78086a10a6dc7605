"""What a class has in common: how scores spread, which steps stop most learners and with which message, which take long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from checks.model import MISSING, Outcome, StepResult, SubmissionReport
from checks.reports.escape import shorten

BINS = 10
"""Bars of the scores' distribution, each a tenth of what could be verified."""
MAX_MESSAGES = 500
"""Different messages of a step that are counted. A class that tries to be told apart is not worth more memory."""
MAX_MESSAGE = 300


@dataclass(slots=True)
class StepSummary:
    """How a step came out in the class."""

    step: str
    title: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    """What was found, of those who failed."""
    seconds: float = 0.0
    """Of all checks of this step together."""
    longest: float = 0.0
    """Seconds of the slowest check of this step."""

    def add(self, result: StepResult) -> None:
        """Count one learner's result."""
        self.outcomes[result.outcome] += 1
        self.seconds += result.seconds
        self.longest = max(self.longest, result.seconds)
        if result.outcome is Outcome.FAILED:
            message = shorten(result.found or result.expected or "", MAX_MESSAGE)
            if message in self.messages or len(self.messages) < MAX_MESSAGES:
                self.messages[message] += 1

    @property
    def message(self) -> tuple[str, int]:
        """The most frequent message, and how many learners had it."""
        return self.messages.most_common(1)[0] if self.messages else ("", 0)

    @property
    def mean_seconds(self) -> float:
        """What a check of this step takes."""
        return self.seconds / self.outcomes.total()


@dataclass(slots=True)
class TaskSummary:
    """A task's title and its steps, by id, in order of first appearance."""

    task: str
    title: str
    steps: dict[str, StepSummary] = field(default_factory=dict)


@dataclass(slots=True)
class ClassSummary:
    """A class, gone through once."""

    names: list[str] = field(default_factory=list)
    """Of the submissions."""
    tasks: dict[str, TaskSummary] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    shares: list[int] = field(default_factory=lambda: [0] * BINS)
    """How many submissions have which tenth of the points that could be verified."""
    scores: list[float] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    penalties: int = 0
    """Submissions that lost points by coming late."""
    problems: int = 0
    """Submissions that could not be read, without those that are missing."""
    missing: int = 0
    findings: int = 0
    """Submissions with something to look at."""

    @classmethod
    def of(cls, submissions: Iterable[SubmissionReport]) -> ClassSummary:
        """The summary of these."""
        summary = cls()
        for submission in submissions:
            summary.add(submission)
        return summary

    def add(self, submission: SubmissionReport) -> None:
        """Count one submission."""
        self.names.append(submission.submission)
        self.findings += bool(submission.findings)
        if submission.problem:
            self.missing += submission.problem.kind == MISSING
            self.problems += submission.problem.kind != MISSING
            return
        self.scores.append(submission.score)
        self.finals.append(submission.final)
        self.penalties += submission.penalty > 0
        if submission.max_score:
            share = submission.score / submission.max_score
            self.shares[min(BINS - 1, max(0, int(share * BINS)))] += 1
        for task in submission.tasks:
            summary = self.tasks.setdefault(task.task, TaskSummary(task.task, task.title))
            for step in task.steps:
                self.outcomes[step.outcome] += 1
                summary.steps.setdefault(step.step, StepSummary(step.step, step.title)).add(step)

    @property
    def mean(self) -> float | None:
        """The mean score of those that could be read, before what coming late costs."""
        return fmean(self.scores) if self.scores else None

    @property
    def mean_final(self) -> float | None:
        """The mean of the points that count."""
        return fmean(self.finals) if self.finals else None

    @property
    def steps(self) -> list[StepSummary]:
        """The steps of all tasks."""
        return [step for task in self.tasks.values() for step in task.steps.values()]

    @property
    def hardest(self) -> list[StepSummary]:
        """The steps at which somebody failed, the one that stops most learners first."""
        failed = [step for step in self.steps if step.outcomes[Outcome.FAILED]]
        return sorted(failed, key=lambda step: -step.outcomes[Outcome.FAILED])

    @property
    def slowest(self) -> list[StepSummary]:
        """The steps, the one whose check takes longest first."""
        return sorted((step for step in self.steps if step.seconds), key=lambda step: -step.mean_seconds)
