"""How a class came out, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

from checks.model import MISSING, Outcome, SubmissionReport


@dataclass(slots=True)
class Totals:
    """Numbers of submissions; `broken` is one of checks."""

    submissions: int = 0
    full_marks: int = 0
    """All points of all tasks: what was not looked at earns none."""
    unread: int = 0
    missing: int = 0
    """Learners of the roster who handed nothing in."""
    with_findings: int = 0
    broken: int = 0
    """Checks that broke, which is our fault."""

    def add(self, row: SubmissionReport) -> None:
        """Count one row of the class."""
        absent = row.problem is not None and row.problem.kind == MISSING
        self.missing += absent
        self.submissions += not absent
        self.unread += row.problem is not None and not absent
        self.full_marks += row.problem is None and row.score == row.total
        self.with_findings += bool(row.findings)
        self.broken += sum(step.outcome is Outcome.ERROR for step in row.steps)
        self.broken += row.problem is not None and row.problem.kind == "error"
