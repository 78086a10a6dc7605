"""Judging a class: each submission of which something is not known, and a line in the journal for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from checks.grading.job import LOAD_DEPENDENT, TRANSIENT, Assignment, Job, Judged
from checks.grading.journal import Graded, Journal
from checks.grading.keys import submission_key
from checks.grading.pool import Pool
from checks.model import Outcome, SubmissionReport
from checks.submissions.submission import Submission


def find_submissions(folder: Path) -> list[Path]:
    """The submissions in a folder, sorted by name: every entry but those that a system hides."""
    return sorted((entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=attrgetter("name"))


class Cohort:
    """A class that is judged. `keys` are the cache keys of its tasks, by their ids, in the course's order."""

    def __init__(self, assignment: Assignment, keys: Mapping[str, str], pool: Pool, journal: Journal) -> None:
        self._keys = keys
        self._pool = pool
        self._journal = journal
        # With a rebuild, another machine, or this one with one more tool, may see what could not be looked at.
        passing = {Outcome.ERROR, Outcome.UNAVAILABLE} if assignment.rebuild else {Outcome.ERROR}
        self._passing = frozenset(passing)

    def grade(self, submissions: Sequence[Submission]) -> Iterator[bool]:
        """Judge, few at a time, and write each row to the journal as it comes.

        Gives, for each submission that is done, whether it had to be judged. Where this is left before its end, what
        was in flight is lost and nothing else. What a busy machine can cause is told of no submission that was judged
        beside others: it is judged again in the end, alone.
        """
        running: dict[Future[Judged], Job] = {}
        alone: list[Job] = []
        for submission in submissions:
            job = self._job(submission)
            if not job.tasks:
                yield False
                continue
            while len(running) >= self._pool.in_flight:
                yield from self._collected(running, alone)
            running[self._pool.submit(job)] = job
        while running:
            yield from self._collected(running, alone)
        for job in alone:
            self._note(job, self._pool.submit(job).result())
            yield True

    def _job(self, submission: Submission) -> Job:
        """The job with the tasks of a submission that are left to be judged."""
        key, tasks = submission_key(submission), frozenset(self._keys)
        if key is None or submission.name not in self._journal:
            return Job(submission, tasks, key)
        graded = self._journal.graded(submission.name)
        if graded.key != key:
            return Job(submission, tasks, key)
        left = frozenset(task for task in tasks if graded.tasks.get(task) != self._keys[task])
        whole = left and self._journal.problem(submission.name)  # what could not be read is read anew as a whole
        return Job(submission, tasks if whole else left, key)

    def _collected(self, running: dict[Future[Judged], Job], alone: list[Job]) -> Iterator[bool]:
        """Wait for one job at least, and note those that are done."""
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job, judged = running.pop(future), future.result()
            problem = judged.report.problem
            if problem and problem.kind in LOAD_DEPENDENT:
                alone.append(job)
            else:
                self._note(job, judged)
                yield True

    def _note(self, job: Job, judged: Judged) -> None:
        report, evidence, name = judged.report, judged.evidence, judged.report.submission
        lasting = self._lasting(report, job)
        if evidence is not None and job.key and name in self._journal and self._journal.graded(name).key == job.key:
            known, graded = self._journal.report(name), self._journal.graded(name)
            tasks = {task.task: task for task in (*known.tasks, *report.tasks)}
            report = replace(report, tasks=tuple(tasks.values()))
            lasting = {task: key for task, key in graded.tasks.items() if task not in job.tasks} | lasting
            evidence = {**(self._journal.evidence(name) or {}), **evidence}
        self._journal.add(report, Graded(job.key, lasting), evidence)

    def _lasting(self, report: SubmissionReport, job: Job) -> dict[str, str]:
        """The keys of the tasks whose verdicts hold until something changes: not those with an error, which is ours."""
        if report.problem:
            return {} if report.problem.kind in TRANSIENT else dict(self._keys)
        again = {task.task for task in report.tasks if any(step.outcome in self._passing for step in task.steps)}
        return {task: self._keys[task] for task in job.tasks - again}
