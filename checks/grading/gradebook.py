"""Writing a judged class to a folder."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from checks.model import MISSING, CohortReport, Outcome, SubmissionReport
from checks.reports import gradebook_csv, gradebook_page, markdown, results
from checks.reports.class_summary import ClassSummary
from checks.reports.escape import file_name

FEEDBACK = "feedback"
RESULTS, TABLE, PAGE = "results.json", "gradebook.csv", "index.html"


@dataclass(slots=True)
class Totals:
    """The results of a class in a few numbers: of submissions, but for `broken`."""

    submissions: int = 0
    full_marks: int = 0
    """All points of all tasks: a step that was not looked at earns none."""
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


def write_gradebook(report: CohortReport, out: Path) -> Totals:
    """Write `results.json`, `gradebook.csv`, `index.html` and `feedback/`, each file complete or not at all.

    A file that would say the same as before stays the file that it was. The rows are gone through once for each of the
    four: each may have to be read anew.
    """
    folder = out / FEEDBACK
    folder.mkdir(parents=True, exist_ok=True)
    summary, totals = ClassSummary(), Totals()
    taken: set[str] = set()
    names = []
    for row in report.submissions:
        summary.add(row)
        totals.add(row)
        names.append(file_name(row.submission, taken))
        _write(folder / names[-1], [markdown.render(row)])
    _write(out / RESULTS, results.chunks(report))
    _write(out / TABLE, gradebook_csv.chunks(report, summary))
    _write(out / PAGE, gradebook_page.chunks(report, summary))
    _delete_others(folder, names)
    return totals


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write a file piece by piece beside its place, and put it there when it is whole."""
    unfinished = path.with_name(f".{path.name[:200]}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    with suppress(OSError):  # there is none yet
        if not path.is_symlink() and filecmp.cmp(unfinished, path, shallow=False):
            unfinished.unlink()
            return
    os.replace(unfinished, path)


def _delete_others(folder: Path, names: Iterable[str]) -> None:
    """Delete feedback of an earlier run that is none of these files."""
    kept = {name.casefold() for name in names}
    for path in folder.iterdir():
        if path.name.casefold() not in kept and not path.is_dir():
            path.unlink()
