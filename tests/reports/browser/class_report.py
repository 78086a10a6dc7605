"""The report of a class of any size over the course's own tasks and steps, without anybody's work behind it.

What varies is what varies in a real class: who stops where, what was found there, who came late, who shares evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from checks.core.course import Course
from checks.core.task import Step, Task
from checks.model import CohortReport, Finding, Identity, Outcome, Problem, StepResult, SubmissionReport, TaskReport

STOPS = 0.07
"""The share of steps at which a learner fails."""
MESSAGES = 12
"""Different things that are found at a step, apart from each learner's own hashes."""


def class_report(course: Course, size: int, seed: int = 1) -> CohortReport:
    """A class of this many learners, the same for the same seed."""
    random = Random(seed)
    return CohortReport(course.stamp, "2026-11-22T10:00:00Z", [_submission(course, random, at) for at in range(size)])


def _submission(course: Course, random: Random, at: int) -> SubmissionReport:
    learner = Identity(f"learner{at:05}@example.org", f"Learner {at:05}")
    name = f"learner{at:05}-example-org.tar.gz"
    if random.random() < 0.01:
        return SubmissionReport(
            name, learner=learner, problem=Problem("not-a-submission", "the archive ends too early")
        )
    late = random.random() < 0.1
    shared = random.random() < 0.02
    return SubmissionReport(
        name,
        tuple(TaskReport(task.id, task.title, tuple(_steps(task, random))) for task in course.tasks),
        learner=learner,
        commit=random.randbytes(20).hex(),
        submitted=f"2026-11-{random.randint(1, 21):02}T{random.randint(0, 23):02}:00:00Z",
        late=late,
        penalty=0.1 if late else 0.0,
        findings=_findings(course, random, at) if shared and at else (),
    )


def _steps(task: Task, random: Random) -> Iterator[StepResult]:
    stopped = ""
    for step in task.steps:
        name = f"{task.id}/{step.name}"
        if stopped:
            yield StepResult(name, step.title, Outcome.BLOCKED, step.points, reason=f"it needs {stopped}")
        elif random.random() < STOPS:
            stopped = name
            yield _failed(name, step, random)
        else:
            yield StepResult(name, step.title, Outcome.PASSED, step.points, seconds=random.random() / 50)


def _failed(name: str, step: Step, random: Random) -> StepResult:
    return StepResult(
        name,
        step.title,
        Outcome.FAILED,
        step.points,
        seconds=random.random() / 50,
        looked_at="data/rentals.csv.dvc in the newest commit",
        expected="a pointer whose object is in the remote",
        found=f"md5 {random.randbytes(16).hex()}, which names no object ({random.randrange(MESSAGES)} others do)",
        fix="dvc push\ngit status",
        see="1_model_versioning/task1_intro_to_dvc/README.md#4-push-to-a-remote",
    )


def _findings(course: Course, random: Random, at: int) -> tuple[Finding, ...]:
    other = f"learner{random.randrange(at):05}-example-org.tar.gz"
    task = random.choice(course.tasks)
    return (Finding("shared-evidence", task.id, "the same objects are in 2 submissions", (other,)),)
