"""Grades for Canvas: one assignment's column, filled into a gradebook that was exported from Canvas, or by itself.

How Canvas reads it: https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb, and what it
exports: `gradebook_exporter.rb` beside it. It finds a learner by `ID`, else by `SIS User ID` or `SIS Login ID`, else
by name; an assignment by the number in its header; and shows every change before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checks.model import CohortReport, Identity
from checks.reports.escape import csv_cell, csv_line, shorten, terminal
from checks.reports.interface import Export, Options, Source
from checks.reports.sheet import Person, Row, Sheet, beside_the_grades, left_out, match
from checks.reports.words import heading, named, number

IDS: Final = ("SIS Login ID", "SIS User ID", "ID")
_POINTS: Final = "Points Possible"
_ASSIGNMENT: Final = re.compile(r"(.*)\s\((\d+)\)", re.DOTALL)
_READ_ONLY: Final = "(read only)"
_POSTING: Final = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_TEST_STUDENT: Final = "Student, Test"
"""Canvas's own invented learner, with whom instructors look at a course."""
_SPECIAL: Final = frozenset({"EX", "N/A"})
"""Excused, and not assigned: a number there would change what the instructor decided."""


def export(report: CohortReport, options: Options) -> Export:
    """The downloaded gradebook with the assignment's column filled, or without one a file that adds the column.

    `assignment` is the column's title, its number or its whole header, needed where the gradebook has several.
    """
    if options.into:
        return _merged(report, options.into, options.assignment)
    return _new(report, options.assignment or heading(report))


def _new(report: CohortReport, assignment: str) -> Export:
    """A file that adds a column. Who has no grade has an empty cell, which Canvas takes as such.

    Submissions of nobody known are not in it: Canvas would ask for each who that is.
    """
    points = number(max((submission.total for submission in report.submissions), default=0.0))
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", csv_cell(assignment)]]
    rows += [["    " + _POINTS, "", "", "", "", points]]
    rows += [_row(each.learner, each.grade) for each in report.submissions if each.learner]
    return Export("".join(map(csv_line, rows)), (*left_out(report), *beside_the_grades(report)))


def _row(learner: Identity, grade: float | None) -> list[str]:
    """A learner's row. Canvas would take one with this name for the row of the assignments' points."""
    name = "" if _POINTS.casefold() in learner.name.casefold() else learner.name
    points = "" if grade is None else number(grade)
    return [csv_cell(name), "", csv_cell(learner.id), csv_cell(learner.email or learner.id), "", points]


def _merged(report: CohortReport, source: Source, assignment: str | None) -> Export:
    """The gradebook with the column filled. Only cells of learners with a grade change."""
    sheet = Sheet(source)
    column = _column(sheet, assignment)
    title = terminal(shorten(sheet.header[column], 200))
    matched, unmatched = match(report.submissions, list(_people(sheet)), sheet.name)
    changes = {}
    left = []
    for row, submission in matched.items():
        word = sheet.rows[row].text(column).upper()
        if word in _SPECIAL:
            left.append(f"left as it is: {word} of {named(submission)}")
        elif submission.grade is not None:
            changes[row] = {column: number(submission.grade)}
    notes = [f"{len(changes)} grades in {title}", *_points_notes(report, sheet, column), *left, *unmatched]
    return Export(sheet.filled(changes), (*notes, *beside_the_grades(report)))


def _column(sheet: Sheet, assignment: str | None) -> int:
    if sheet.column("ID") is None or sheet.column("Student", "LastName") is None:
        raise ValueError(
            f"{sheet.name} is no gradebook of Canvas: it has no columns `Student` and `ID`, but "
            f"{terminal(shorten(', '.join(sheet.header), 200))}. Export it anew: Grades > Export > Entire Gradebook."
        )
    points = _points_row(sheet)
    known = {
        index: match
        for index, text in enumerate(sheet.header)
        if (match := _ASSIGNMENT.fullmatch(text)) and (points is None or points.text(index) != _READ_ONLY)
    }
    if assignment is None:
        fitting = list(known)
    else:
        fitting = [index for index, match in known.items() if assignment.strip() in {match[0], match[1], match[2]}]
    if len(fitting) == 1:
        return fitting[0]
    names = terminal("; ".join(shorten(match[0], 100) for match in known.values())) or "none"
    asked = "no single assignment" if assignment is None else f"not one assignment {terminal(shorten(assignment, 100))}"
    raise ValueError(f"{sheet.name} has {asked}: name one with --assignment. It has: {names}.")


def _people(sheet: Sheet) -> Iterator[Person]:
    """The rows of learners."""
    ids = [index for index in map(sheet.column, IDS) if index is not None]
    whole, last, first = map(sheet.column, ("Student", "LastName", "FirstName"))
    points = _points_row(sheet)
    for row in sheet.rows[1:]:
        if row is points or all(_POSTING.fullmatch(cell) for cell in row.cells):
            continue
        parts = [text for column in (last, first) if (text := row.text(column))]
        name = ", ".join(parts) if whole is None else row.text(whole)
        if name != _TEST_STUDENT:
            yield Person(row, tuple(map(row.text, ids)), name)


def _points_row(sheet: Sheet) -> Row | None:
    """The row of the assignments' points."""
    return next((row for row in sheet.rows[1:] if _POINTS in row.text(0)), None)


def _points_notes(report: CohortReport, sheet: Sheet, column: int) -> list[str]:
    """A note where Canvas has other points for the assignment than the results."""
    row = _points_row(sheet)
    points = row.text(column) if row else ""
    total = number(max((submission.total for submission in report.submissions), default=0.0))
    try:
        same = number(float(points)) == total
    except ValueError:
        same = not points
    shown = terminal(shorten(points, 20))
    return [] if same else [f"the assignment has {shown} points in {sheet.name}, the results have {total}"]
