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
from checks.reports.escape import csv_cell, csv_line, shorten, terminal
from checks.reports.interface import Export, Options, Source
from checks.reports.sheet import Person, Row, Sheet, beside_the_grades, left_out, match
from checks.reports.words import heading, named, number, standing, unverified

NO_GRADE: Final = "-"
"""Moodle's own sign. An empty cell would become a zero where the import makes a new grade item."""
LARGEST_GRADE: Final = 100
"""The largest that the import takes, unless the site allows unlimited grades."""
IDS: Final = ("Email address", "ID number", "Username")
_BEFORE_QUOTE: Final = re.compile(r'\\(?="|\Z)')
"""PHP reads a quote behind a backslash as part of the text: the cell would go on into the next learner's row."""
_NEEDED: Final = ("Identifier", "Grade", "Last modified (grade)")
"""Without these, Moodle refuses a worksheet."""


def export(report: CohortReport, options: Options) -> Export:
    """The downloaded worksheet with its grades filled, or without one a file for the gradebook's import.

    Submissions of nobody known are not in a new file. A worksheet has one column of grades, which has no name.
    """
    if options.into and options.assignment:
        raise ValueError("A worksheet has one column of grades: leave --assignment out.")
    if options.into:
        return _merged(report, options.into)
    rows = [["Full name", "Email address", "ID number", csv_cell(options.assignment or heading(report))]]
    rows += [_row(each.learner, each.grade) for each in report.submissions if each.learner]
    notes = left_out(report)
    if any((each.grade or 0) > LARGEST_GRADE for each in report.submissions):
        notes.append(f"Moodle takes no grade above {LARGEST_GRADE} here, unless the site allows unlimited grades")
    return Export("".join(map(csv_line, rows)), (*notes, *beside_the_grades(report)))


def _row(learner: Identity, grade: float | None) -> list[str]:
    """A learner's row. Without a roster, an id that is an e-mail address is one."""
    email = learner.email or (learner.id if "@" in learner.id else "")
    cells = [_BEFORE_QUOTE.sub(r"\\ ", csv_cell(text)) for text in (learner.name, email, learner.id)]
    return [*cells, NO_GRADE if grade is None else number(grade)]


def _merged(report: CohortReport, source: Source) -> Export:
    """The worksheet with its grades filled. Only cells of learners with a grade change.

    These are `Grade`, and `Feedback comments` where that is empty and the number alone would say too little.
    """
    sheet = Sheet(source)
    missing = [column for column in _NEEDED if sheet.column(column) is None]
    if missing:
        raise ValueError(
            f"{sheet.name} is no grading worksheet of Moodle in English: it has no column `{'` and `'.join(missing)}`, "
            f"but {terminal(shorten(', '.join(sheet.header), 200))}. Set Moodle to English, and download it anew."
        )
    matched, unmatched = match(report.submissions, list(_people(sheet)), sheet.name)
    changes = {number: _filled(sheet, sheet.rows[number], submission) for number, submission in matched.items()}
    too_many = [
        f"Moodle will leave out {named(submission)}: more than its `Maximum grade`"
        for number, submission in matched.items()
        if submission.grade is not None and submission.grade > _maximum(sheet, sheet.rows[number])
    ]
    notes = [f"{sum(map(bool, changes.values()))} grades in {sheet.name}", *too_many, *unmatched]
    return Export(sheet.filled(changes), (*notes, *beside_the_grades(report)))


def _filled(sheet: Sheet, row: Row, submission: SubmissionReport) -> dict[int, str]:
    """The cells that change in a row."""
    grade, feedback = sheet.column("Grade"), sheet.column("Feedback comments")
    if submission.grade is None or grade is None:
        return {}
    changes = {grade: number(submission.grade)}
    left = unverified(submission)
    if feedback is not None and not row.text(feedback) and (left or submission.penalty):
        words = f"Score: {standing(submission)}." + (f" Not verified: {left}." if left else "")
        changes[feedback] = csv_cell(html.escape(words))
    return changes


def _people(sheet: Sheet) -> Iterator[Person]:
    """The rows of learners. With anonymous marking they have no names, and nobody is found."""
    ids = [index for index in map(sheet.column, IDS) if index is not None]
    name = sheet.column("Full name")
    for row in sheet.rows[1:]:
        if any(row.cells):
            yield Person(row, tuple(map(row.text, ids)), row.text(name))


def _maximum(sheet: Sheet, row: Row) -> float:
    """The largest grade that Moodle takes in a row. Infinity where the worksheet does not say it."""
    try:
        return float(row.text(sheet.column("Maximum grade")).replace(",", "."))
    except ValueError:
        return float("inf")
