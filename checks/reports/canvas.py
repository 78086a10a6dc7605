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
from checks.reports.csv import quoted
from checks.reports.escape import csv_cell, shorten, terminal
from checks.reports.export import Export, beside_the_grades, points_possible, shown
from checks.reports.people import Person, match
from checks.reports.sheet import Cell, Sheet, read_sheet
from checks.reports.words import number

IDS: Final = ("SIS Login ID", "SIS User ID", "ID")
_POINTS: Final = "Points Possible"
_ASSIGNMENT: Final = re.compile(r"(.*)\s\((\d+)\)", re.DOTALL)
_READ_ONLY: Final = "(read only)"
_POSTING: Final = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_TEST_STUDENT: Final = "Student, Test"
"""Canvas's own invented learner, with whom instructors look at a course."""
_SPECIAL: Final = frozenset({"EX", "N/A"})
"""Excused, and not assigned: a number there would change what the instructor decided."""


def render(report: CohortReport, assignment: str) -> Export:
    """A file that adds a column for the assignment. Who has no grade has an empty cell, which Canvas takes as such.

    Submissions of nobody known are not in it: Canvas would ask for each who that is.
    """
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", csv_cell(assignment)]]
    rows += [["    " + _POINTS, "", "", "", "", number(points_possible(report))]]
    rows += [_row(each.learner, each.grade) for each in report.submissions if each.learner]
    notes = [f"left out, as nobody knows whose it is: {shown(each)}" for each in report.submissions if not each.learner]
    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    return Export(text, (*notes, *beside_the_grades(report)))


def _row(learner: Identity, grade: float | None) -> list[str]:
    """A learner's row. Canvas would take one with this name for the row of the assignments' points."""
    name = "" if _POINTS.casefold() in learner.name.casefold() else learner.name
    points = "" if grade is None else number(grade)
    return [csv_cell(name), "", csv_cell(learner.id), csv_cell(learner.email or learner.id), "", points]


def merge(report: CohortReport, source: str, name: str, assignment: str | None) -> Export:
    """The exported gradebook `source` with the assignment's column filled; `name` is what messages call the file.

    Only cells of learners with a grade change. `assignment` is its title, its number or its whole header, needed where
    there is more than one. Raises ValueError, with one sentence, where the file is no gradebook or names no such one.
    """
    sheet = read_sheet(source, name)
    column = _column(sheet, assignment)
    title = terminal(shorten(sheet.header[column], 200))
    found = match(report.submissions, list(_people(sheet)), name)
    changes: dict[Cell, str] = {}
    left = []
    for row, submission in found.by_row.items():
        word = sheet.text(row, column).upper()
        if word in _SPECIAL:
            left.append(f"left as it is: {word} of {shown(submission)}")
        elif submission.grade is not None:
            changes[sheet.cell(row, column)] = number(submission.grade)
    notes = [f"{len(changes)} grades in {title}", *_points_notes(report, sheet, column), *left, *found.notes]
    return Export(sheet.filled(changes), (*notes, *beside_the_grades(report)))


def _column(sheet: Sheet, assignment: str | None) -> int:
    """The column of the assignment."""
    if sheet.column("ID") is None or sheet.column("Student", "LastName") is None:
        raise ValueError(
            f"{sheet.name} is no gradebook of Canvas: it has no columns `Student` and `ID`, but "
            f"{terminal(shorten(', '.join(sheet.header), 200))}. Export it anew: Grades > Export > Entire Gradebook."
        )
    points = _points_row(sheet)
    known = {
        index: match
        for index, text in enumerate(sheet.header)
        if (match := _ASSIGNMENT.fullmatch(text)) and sheet.text(points, index) != _READ_ONLY
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
    for row, cells in enumerate(sheet.rows):
        if row in {0, points} or all(_POSTING.fullmatch(cell.text) for cell in cells):
            continue
        parts = [text for column in (last, first) if (text := sheet.text(row, column))]
        name = ", ".join(parts) if whole is None else sheet.text(row, whole)
        if name != _TEST_STUDENT:
            yield Person(row, tuple(sheet.text(row, column) for column in ids), name)


def _points_row(sheet: Sheet) -> int:
    """The row of the assignments' points, or the header where there is none."""
    return next((row for row in range(1, len(sheet.rows)) if _POINTS in sheet.text(row, 0)), 0)


def _points_notes(report: CohortReport, sheet: Sheet, column: int) -> list[str]:
    """A note where Canvas has other points for the assignment than the results."""
    points = sheet.text(_points_row(sheet), column) if _points_row(sheet) else ""
    total = number(points_possible(report))
    try:
        same = number(float(points)) == total
    except ValueError:
        same = not points
    shown_points = terminal(shorten(points, 20))
    return [] if same else [f"the assignment has {shown_points} points in {sheet.name}, the results have {total}"]
