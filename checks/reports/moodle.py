"""Grades for Moodle: a file for its gradebook's CSV import, or an assignment's grading worksheet, filled.

How Moodle reads them: https://github.com/moodle/moodle, `grade/import/csv/classes/load_data.php`, and for the worksheet
`mod/assign/feedback/offline/importgradeslib.php` and `locallib.php`. The import finds a learner by the one column that
the instructor names; a single unknown learner ends it. The worksheet names its own learners.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from checks.model import CohortReport, Identity, SubmissionReport
from checks.reports.csv import quoted
from checks.reports.escape import csv_cell, shorten, terminal
from checks.reports.export import Export, beside_the_grades, shown, standing, unverified
from checks.reports.people import Person, match
from checks.reports.sheet import Cell, Sheet, read_sheet
from checks.reports.words import number

NO_GRADE: Final = "-"
"""Moodle's own sign. An empty cell would become a zero where the import makes a new grade item."""
LARGEST_GRADE: Final = 100
"""The largest that the import takes, unless the site allows unlimited grades."""
IDS: Final = ("Email address", "ID number", "Username")
_BEFORE_QUOTE: Final = re.compile(r'\\(?="|\Z)')
"""PHP reads a quote behind a backslash as part of the text: the cell would go on into the next learner's row."""
_NEEDED: Final = ("Identifier", "Grade", "Last modified (grade)")
"""Without these, Moodle refuses a worksheet."""


def render(report: CohortReport, item: str) -> Export:
    """A file for the gradebook's import, with one column of grades. Submissions of nobody known are not in it."""
    rows = [["Full name", "Email address", "ID number", csv_cell(item)]]
    rows += [_row(each.learner, each.grade) for each in report.submissions if each.learner]
    notes = [f"left out, as nobody knows whose it is: {shown(each)}" for each in report.submissions if not each.learner]
    if any((each.grade or 0) > LARGEST_GRADE for each in report.submissions):
        notes.append(f"Moodle takes no grade above {LARGEST_GRADE} here, unless the site allows unlimited grades")
    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    return Export(text, (*notes, *beside_the_grades(report)))


def _row(learner: Identity, grade: float | None) -> list[str]:
    """A learner's row. Without a roster, an id that is an e-mail address is one."""
    email = learner.email or (learner.id if "@" in learner.id else "")
    cells = [_BEFORE_QUOTE.sub(r"\\ ", csv_cell(text)) for text in (learner.name, email, learner.id)]
    return [*cells, NO_GRADE if grade is None else number(grade)]


def merge(report: CohortReport, source: str, name: str) -> Export:
    """The worksheet `source` with its grades filled; `name` is what messages call the file.

    Only cells of learners with a grade change: `Grade`, and `Feedback comments` where that is empty and the number
    alone would say too little. Raises ValueError, with one sentence, where the file is no worksheet.
    """
    sheet = read_sheet(source, name)
    missing = [column for column in _NEEDED if sheet.column(column) is None]
    if missing:
        raise ValueError(
            f"{name} is no grading worksheet of Moodle in English: it has no column `{'` and `'.join(missing)}`, but "
            f"{terminal(shorten(', '.join(sheet.header), 200))}. Set Moodle to English, and download it anew."
        )
    found = match(report.submissions, list(_people(sheet)), name)
    changes: dict[Cell, str] = {}
    too_many = []
    for row, submission in found.by_row.items():
        changes |= _filled(sheet, row, submission)
        if submission.grade is not None and submission.grade > _maximum(sheet, row):
            too_many.append(f"Moodle will leave out {shown(submission)}: more than its `Maximum grade`")
    graded = sum(submission.grade is not None for submission in found.by_row.values())
    notes = [f"{graded} grades in {name}", *too_many, *found.notes]
    return Export(sheet.filled(changes), (*notes, *beside_the_grades(report)))


def _filled(sheet: Sheet, row: int, submission: SubmissionReport) -> dict[Cell, str]:
    """The cells that change in a row."""
    grade, feedback = sheet.column("Grade"), sheet.column("Feedback comments")
    if submission.grade is None or grade is None:
        return {}
    changes = {sheet.cell(row, grade): number(submission.grade)}
    left_out = unverified(submission)
    if feedback is not None and not sheet.text(row, feedback) and (left_out or submission.penalty):
        words = f"Score: {standing(submission)}." + (f" Not verified: {left_out}." if left_out else "")
        changes[sheet.cell(row, feedback)] = quoted(csv_cell(html.escape(words)))
    return changes


def _people(sheet: Sheet) -> Iterator[Person]:
    """The rows of learners. With anonymous marking they have no names, and nobody is found."""
    ids = [index for index in map(sheet.column, IDS) if index is not None]
    name = sheet.column("Full name")
    for row in range(1, len(sheet.rows)):
        yield Person(row, tuple(sheet.text(row, column) for column in ids), sheet.text(row, name))


def _maximum(sheet: Sheet, row: int) -> float:
    """The largest grade that Moodle takes in a row. Infinity where the worksheet does not say it."""
    try:
        return float(sheet.text(row, sheet.column("Maximum grade")).replace(",", "."))
    except ValueError:
        return float("inf")
