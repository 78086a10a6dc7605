"""The proof of one task: its starter, its solution and its mistakes, each built for real and judged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from checks.core.selection import Selection
from checks.model import Outcome, StepResult, SubmissionReport
from checks.rebuild.find import find_sandbox
from checks.rebuild.limits import limits_of
from checks.rebuild.rebuilder import Rebuilder
from checks.rebuild.sandbox import SandboxUnavailable
from checks.selftest.build import BuildError, begin, builders, copy_clone, make_mistake, missing_tool, solve
from checks.selftest.follow import follow
from checks.selftest.mistake import Mistake, load_mistakes
from checks.selftest.mutation.survey import survey
from checks.selftest.readme import readme_faults, unfinished
from checks.submissions.check import check_submission

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task
    from checks.core.workspace import Rebuild


SIDE_BY_SIDE = 3
"""Tasks that are proved at once."""


class About(StrEnum):
    """The part of a task that a proof is about."""

    WORDS = "words"
    """README and metadata, and whether everything is written."""
    STARTER = "starter"
    SOLUTION = "solution"
    AGAIN = "made again"
    FOLLOWED = "followed"
    """The README, word for word."""
    EVIDENCE = "evidence"
    MISTAKES = "mistakes"


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that must hold of a task. `fault` says why it does not, `skipped` why it was not looked at."""

    task: str
    about: About
    name: str
    fault: str | None
    skipped: str | None = None


def prove_all(course: Course, tasks: Sequence[Task], scratch: Path) -> Iterator[Proof]:
    """Prove tasks, each below a folder of its own in `scratch`; each proof as soon as it is there.

    A task leaves a processor idle while it builds one submission, or waits for a server: so some go side by side. The
    last tasks of a course use the most tools and take longest: they begin first, so that nothing long is left alone in
    the end.
    """
    found: SimpleQueue[Proof | None] = SimpleQueue()

    def prove_one(task: Task) -> None:
        try:
            folder = scratch / task.id
            folder.mkdir()
            for proof in prove(course, task, folder):
                found.put(proof)
        finally:
            found.put(None)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        jobs = [pool.submit(prove_one, task) for task in reversed(tasks)]
        for _ in jobs:
            yield from iter(found.get, None)
        for job in jobs:
            job.result()


def prove(course: Course, task: Task, scratch: Path) -> Iterator[Proof]:
    """Prove a task, building its submissions below the empty folder `scratch`; each proof as soon as it is there."""
    proof = partial(Proof, task.id)
    yield proof(About.WORDS, f"{task.id} README and metadata agree", "\n".join(readme_faults(task)) or None)
    yield proof(About.WORDS, f"{task.id} everything is written", "\n".join(unfinished(task)) or None)
    starter = scratch / "starter"
    begin(course, [task], starter)
    yield proof(About.STARTER, f"{task.id} the starter scores 0", starter_fault(_judged(course, task, starter)))
    if no_tool := missing_tool(task):
        yield proof(About.SOLUTION, f"{task.id} the solution and the mistakes", None, skipped=no_tool)
        return
    solved = scratch / "solution"
    try:
        solve(course, [task], solved)
    except BuildError as error:
        yield proof(About.SOLUTION, f"{task.id} the solution passes every step", str(error))
        return
    fault = solution_fault(task, _judged(course, task, solved))
    yield proof(About.SOLUTION, f"{task.id} the solution passes every step", fault)
    yield _evidence(course, task, solved, scratch / "mutated")
    mistakes = load_mistakes(task)
    rebuild: Rebuild | None = None
    try:
        rebuild = Rebuilder(find_sandbox(), limits_of(course))
    except SandboxUnavailable as unavailable:
        what = f"{task.id} the solution and some mistakes, made again"
        yield proof(About.AGAIN, what, None, skipped=unavailable.reason)
        mistakes = tuple(mistake for mistake in mistakes if not mistake.rebuild)
    with ThreadPoolExecutor(builders(task)) as pool:
        jobs: dict[Future[str | None], tuple[About, str]] = {}
        followed = pool.submit(_readme_fault, course, task, scratch / "followed", rebuild is not None)
        jobs[followed] = About.FOLLOWED, f"{task.id} the README, followed word for word, passes every step"
        if rebuild:
            again = pool.submit(lambda: solution_fault(task, _judged(course, task, solved, rebuild), rebuilt=True))
            jobs[again] = About.AGAIN, f"{task.id} the solution passes every step when it is made again"
        for mistake in mistakes:
            made = pool.submit(_mistake_fault, course, task, mistake, scratch, solved, rebuild)
            jobs[made] = About.MISTAKES, f"{task.id} mistake {mistake.name} fails {mistake.step}"
        for job in as_completed(jobs):
            yield proof(*jobs[job], job.result())


def _evidence(course: Course, task: Task, solved: Path, into: Path) -> Proof:
    with _removed(into):
        copy_clone(solved, into)
        judged = list(survey(course, task, into))
    faults = [
        f"{one.verdict}: {one.name}{f' ({one.detail})' if one.detail else ''}" for one in judged if one.verdict.is_fault
    ]
    name = f"{task.id} {len(judged)} changes of the evidence: each is refused, or explained"
    return Proof(task.id, About.EVIDENCE, name, "\n".join(faults) or None)


def _readme_fault(course: Course, task: Task, clone: Path, rebuild: bool) -> str | None:
    with _removed(clone):
        return "\n".join(follow(course, task, clone, rebuild=rebuild)) or None


def starter_fault(report: SubmissionReport) -> str | None:
    """Why this is not the report of a starter: it earned something, or a checker broke on it."""
    if report.problem:
        return report.problem.detail
    wrong = [step for step in report.steps if step.outcome in (Outcome.PASSED, Outcome.ERROR)]
    return _listed(wrong) if wrong else None


def solution_fault(task: Task, report: SubmissionReport, *, rebuilt: bool = False) -> str | None:
    """Why this is not the report of a solution: something was not passed. What only a rebuild judges needs one."""
    if report.problem:
        return report.problem.detail
    wrong = [step for step in report.steps if step.outcome is not _untouched(task, step, rebuilt=rebuilt)]
    return _listed(wrong) if wrong else None


def mistake_fault(mistake: Mistake, task: Task, report: SubmissionReport) -> str | None:
    """Why this is not the report of a mistake: another step failed, too few did, or the phrase is not in the message."""
    if report.problem:
        return report.problem.detail
    failed = [step for step in report.steps if step.outcome is Outcome.FAILED]
    wanted = f"{task.id}/{mistake.step}"
    if [step.step for step in failed] != [wanted]:
        return f"expected only {wanted} to fail; failed: {_listed(failed) or 'nothing'}"
    dependents = _dependents(task, mistake.step)
    stray = [
        step
        for step in report.steps
        if step.step != wanted
        and step.outcome
        is not (Outcome.BLOCKED if step.step in dependents else _untouched(task, step, rebuilt=mistake.rebuild))
    ]
    if stray:
        return f"beside {wanted}: {_listed(stray)}"
    message = _words(failed[0])
    return None if mistake.phrase in message else f"the message does not say {mistake.phrase!r}: {message}"


def _untouched(task: Task, result: StepResult, *, rebuilt: bool) -> Outcome:
    """The outcome of a finished step."""
    step = task.step(result.step.partition("/")[2])
    return Outcome.UNAVAILABLE if step.rebuild and not rebuilt else Outcome.PASSED


def _mistake_fault(
    course: Course, task: Task, mistake: Mistake, scratch: Path, solved: Path, rebuild: Rebuild | None
) -> str | None:
    into = scratch / f"mistake-{mistake.name}"
    with _removed(into):
        try:
            make_mistake(course, task, mistake, into, solved)
        except BuildError as error:
            return str(error)
        return mistake_fault(mistake, task, _judged(course, task, into, rebuild if mistake.rebuild else None))


@contextmanager
def _removed(clone: Path) -> Iterator[None]:
    """In the end the clone is deleted, as far as it can be, to save room on the disk."""
    try:
        yield
    finally:
        shutil.rmtree(clone, ignore_errors=True)


def _judged(course: Course, task: Task, path: Path, rebuild: Rebuild | None = None) -> SubmissionReport:
    return check_submission(course, path, [Selection(task)], rebuild)


def _dependents(task: Task, name: str) -> frozenset[str]:
    """The full ids of the steps that need a step, directly or not."""
    found = {name}
    for step in task.steps:
        if found & set(step.needs):
            found.add(step.name)
    return frozenset(f"{task.id}/{step}" for step in found)


def _words(step: StepResult) -> str:
    return " | ".join(text for text in (step.looked_at, step.expected, step.found, step.fix) if text)


def _listed(steps: list[StepResult]) -> str:
    return "; ".join(f"{step.step} {step.outcome}: {step.reason or _words(step) or 'passed'}" for step in steps)
