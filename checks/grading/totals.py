"""How a class came out, in a few numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.model import MISSING, Outcome, SubmissionReport


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of submissions; `broken` is one of checks."""

    submissions: int
    full_marks: int
    """All points of all tasks: what was not looked at earns none."""
    unread: int
    missing: int
    """Learners of the roster who handed nothing in."""
    with_findings: int
    broken: int
    """Checks that broke, which is our fault."""


def total(rows: Iterable[SubmissionReport]) -> Totals:
    """The totals of the rows of a class."""
    submissions = full = unread = missing = found = broken = 0
    for row in rows:
        absent = row.problem is not None and row.problem.kind == MISSING
        missing += absent
        submissions += not absent
        unread += row.problem is not None and not absent
        full += row.problem is None and row.score == row.total
        found += bool(row.findings)
        broken += sum(step.outcome is Outcome.ERROR for step in row.steps)
        broken += row.problem is not None and row.problem.kind == "error"
    return Totals(submissions, full, unread, missing, found, broken)
