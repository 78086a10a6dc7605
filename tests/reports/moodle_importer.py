"""How Moodle reads a worksheet and a file of grades, in our own words.

From `mod/assign/feedback/offline/importgradeslib.php` and `locallib.php`, `grade/import/csv/classes/load_data.php`, and
`lib/csvlib.class.php` of moodle/moodle.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from checks.reports.sheet import BYTE_ORDER_MARK


@dataclass
class Worksheet:
    """What a worksheet changes: by the participant's number, grades and comments; and who is left out."""

    grades: dict[str, float] = field(default_factory=dict)
    feedback: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def read_worksheet(text: str) -> Worksheet:
    """Import a worksheet."""
    columns, rows = _table(text)
    for needed in ("Identifier", "Grade", "Last modified (grade)"):
        assert needed in columns, "invalid grade import"
    found = Worksheet()
    for row in rows:
        participant = row["Identifier"].removeprefix("Participant ")
        grade = _unformatted(row["Grade"])
        if isinstance(grade, float) and 0 <= grade <= float(row.get("Maximum grade") or math.inf):
            found.grades[participant] = grade
        else:
            found.left_out.append(participant)
        if row.get("Feedback comments"):
            found.feedback[participant] = row["Feedback comments"]
    return found


def read_grades(text: str, mapped_by: str, users: AbstractSet[str], item: str, *, new: bool) -> dict[str, float | None]:
    """Import a file of grades, the column `mapped_by` naming the users. One mistake ends the whole import."""
    _, rows = _table(text)
    grades: dict[str, float | None] = {}
    for row in rows:
        user = row[mapped_by]
        assert user in users, f"user mapping error: {user}"
        value = row[item]
        if value.strip() == "-" or (not new and value == ""):
            grades[user] = None
            continue
        number = _unformatted(value)
        assert isinstance(number, float), "bad grade"
        assert number <= 100, "the grade is too large"
        grades[user] = number
    return grades


def _table(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """The columns, and the rows by column. Every row has as many cells as the first."""
    plain = text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n").strip()
    # PHP's `fgetcsv` reads a quote behind a backslash as text.
    lines = list(csv.reader(io.StringIO(plain, newline=""), strict=True, escapechar="\\"))
    assert lines, "empty file"
    assert {len(line) for line in lines} == {len(lines[0])}, "weird columns"
    columns = [column.strip() for column in lines[0]]
    return columns, [dict(zip(columns, line, strict=True)) for line in lines[1:]]


def _unformatted(text: str) -> float | str:
    """A number of the site's language, here English."""
    try:
        return float(text.replace(" ", ""))
    except ValueError:
        return text
