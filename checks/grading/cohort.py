"""Judging many submissions, a line each in the journal, whatever is in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from checks.findings.fingerprint import renewed
from checks.grading.journal import Journal
from checks.grading.order import Graded, Look, Order, Seen, nothing_new
from checks.submissions.submission import Submission

LOOKED_AT = 64
"""Submissions that are looked at in one go: far quicker than an order for each."""


class Crew(Protocol):
    """Who carries out orders: any executor of `concurrent.futures`, told what to do with a submission."""

    in_flight: int
    """How many groups of orders it takes at once: enough that nobody waits, and few enough that little is in memory."""
    together: int
    """How many orders are in a group at most: giving orders costs too."""

    def look(self, orders: Sequence[Order]) -> Future[list[Look]]:
        """See of which of them something is new."""
        ...

    def submit(self, group: Sequence[Seen]) -> Future[list[Graded]]:
        """Begin with a group of orders."""
        ...

    def settle(self, order: Order, error: BaseException) -> Graded | Order:
        """What is told of a submission whose order ended in an error, or the order to give next. Raises our own."""
        ...


def find_submissions(folder: Path) -> list[Path]:
    """What was handed in: every entry of a folder, sorted by name, but those that a system hides."""
    return sorted((entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=attrgetter("name"))


def grade_all(
    submissions: Sequence[Submission], crew: Crew, journal: Journal, meanwhile: Callable[[], None]
) -> Iterator[bool]:
    """Have the crew judge what the journal does not know, few at a time, and write it there as it comes.

    `meanwhile` is done once, as soon as everybody has something to judge, if there is anything. Gives, for each
    submission that is done, whether it had to be judged. Where this is left before its end, what was in flight is lost
    and nothing else.
    """
    orders = [Order(submission, journal.known(submission.name)) for submission in submissions]
    waiting: deque[Seen] = deque((order, None) for order in orders if order.known is None)
    for order, seen in _looked_at([order for order in orders if order.known], crew):
        known = nothing_new(order, seen) if seen else None
        if known:
            yield _note(journal, known)
        else:
            waiting.append((order, seen))
    alone: deque[Seen] = deque()
    flying: dict[Future[list[Graded]], Sequence[Seen]] = {}
    begun = False
    while waiting or alone or flying:
        while (waiting or alone) and len(flying) < crew.in_flight:
            group = [alone.popleft()] if alone else _next_group(waiting, crew)
            flying[crew.submit(group)] = group
        if not begun:
            meanwhile()
            begun = True
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            group = flying.pop(future)
            error = future.exception()
            if error is None:
                yield from (_note(journal, graded) for graded in future.result())
            elif len(group) > 1:  # nobody knows whose error it was
                alone.extend(group)
            elif isinstance(settled := crew.settle(group[0][0], error), Order):
                alone.append((settled, None))
            else:
                yield _note(journal, settled)


def _next_group(waiting: deque[Seen], crew: Crew) -> Sequence[Seen]:
    """The next orders that go together: fewer towards the end, so that nobody waits long for the last group."""
    size = min(crew.together, len(waiting) // (2 * crew.in_flight))
    return [waiting.popleft() for _ in range(max(1, size))]


def _looked_at(orders: Sequence[Order], crew: Crew) -> Iterator[Seen]:
    """The orders, each with what looking at it told; with None where it was one of those that nobody could look at."""
    groups = deque(orders[start : start + LOOKED_AT] for start in range(0, len(orders), LOOKED_AT))
    flying: deque[tuple[Sequence[Order], Future[list[Look]]]] = deque()
    while groups or flying:
        while groups and len(flying) < crew.in_flight:
            group = groups.popleft()
            flying.append((group, crew.look(group)))
        group, future = flying.popleft()
        found: Sequence[Look | None] = [None] * len(group) if future.exception() else future.result()
        yield from zip(group, found, strict=True)


def _note(journal: Journal, graded: Graded) -> bool:
    """Write down what came of an order; whether something was judged."""
    order, report = graded.order, graded.report
    if report is None:
        if graded.known != order.known:  # the same bytes elsewhere: the next time, looking at them is enough
            name = order.submission.name
            journal.add(journal.report(name), graded.known, journal.fingerprint(name))
        return False
    fingerprint = graded.fingerprint
    if graded.unchanged and report.problem is None:
        known = journal.report(order.submission.name).tasks
        tasks = {task.task: task for task in (*known, *report.tasks)}
        report = replace(report, tasks=tuple(tasks[task] for task in graded.tasks))
        before = journal.fingerprint(order.submission.name)
        fingerprint = renewed(before, fingerprint) if before and fingerprint else fingerprint
    journal.add(report, graded.known, fingerprint)
    return True
