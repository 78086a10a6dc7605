"""Judging many submissions, a line each in the journal, whatever is in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from pathlib import Path

from checks.grading.journal import Journal
from checks.grading.order import Graded, Order
from checks.grading.submission import Submission
from checks.grading.workers import given_up


def find_submissions(folder: Path) -> list[Path]:
    """What was handed in: every entry of a folder, sorted by name, but those that a system hides."""
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def grade_all(
    submissions: Sequence[Submission],
    judge: Callable[[Order], Graded],
    executor: Executor,
    journal: Journal,
    *,
    in_flight: int,
) -> Iterator[bool]:
    """Have the executor judge what the journal does not know, few at a time, and write it there as it comes.

    Gives, for each submission that is done, whether it had to be judged. Where this is left before its end, what was
    in flight is lost and nothing else.
    """
    waiting = deque(submissions)
    flying: dict[Future[Graded], Order] = {}
    while waiting or flying:
        while waiting and len(flying) < in_flight:
            order = _order(journal, waiting.popleft())
            flying[executor.submit(judge, order)] = order
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            yield _note(journal, _result(future, flying.pop(future)))


def _order(journal: Journal, submission: Submission) -> Order:
    return Order(submission, journal.known(submission.name))


def _result(future: Future[Graded], order: Order) -> Graded:
    error = future.exception()
    if error is None:
        return future.result()
    told = given_up(order, error)
    if told is None:
        raise error
    return told


def _note(journal: Journal, graded: Graded) -> bool:
    """Write down what came of an order; whether something was judged."""
    order, report = graded.order, graded.report
    if report is None:
        if graded.known != order.known:  # the same bytes elsewhere: the next time, looking at them is enough
            journal.add(journal.report(order.submission.name), graded.known)
        return False
    if graded.unchanged and report.problem is None:
        known = journal.report(order.submission.name).tasks
        tasks = {task.task: task for task in (*known, *report.tasks)}
        report = replace(report, tasks=tuple(tasks[task] for task in graded.tasks))
    journal.add(report, graded.known)
    return True
