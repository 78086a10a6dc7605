"""How Canvas reads a gradebook, in our own words, from `lib/gradebook_importer.rb` of instructure/canvas-lms.

Stricter than Canvas: a learner that it would ask for, and an assignment that it would make, are told apart.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

CALCULATED = re.compile(
    r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)"
)  # with "Unposted" before it, too


@dataclass(frozen=True)
class Account:
    """A learner of the course in Canvas."""

    id: int
    name: str
    sortable: str
    sis: str = ""
    login: str = ""


@dataclass
class Import:
    """What Canvas shows before it changes anything: by assignment, and then by learner's number, the new grades."""

    grades: dict[str, dict[int, str]] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def read(text: str, course: Sequence[Account]) -> Import:
    """Import a file into a course."""
    rows = list(csv.reader(io.StringIO(_without_mark(text), newline=""), delimiter=_delimiter(text), strict=True))
    header = rows[0]
    assert len(header) > 3
    assert "Student" in header[0], "invalid header row"
    assert "ID" in header[1], "invalid header row"
    columns = _student_columns(header)
    assert "Section" in header[columns - 1], "invalid header row"
    assignments = {
        index: title for index, title in enumerate(header) if index >= columns and not CALCULATED.search(title)
    }
    found = Import(grades={title: {} for title in assignments.values()})
    for row in rows[1:]:
        if "Points Possible" in (row[0] if row else ""):
            found.points = {title: row[index] for index, title in assignments.items()}
        elif not all(re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            account = _account(row, header, course)
            if account is None:
                found.unknown.append(row[0])
                continue
            for index, title in assignments.items():
                assert account.id not in found.grades[title], "a learner occurs twice"
                found.grades[title][account.id] = _number(row[index].strip())
    return found


def _without_mark(text: str) -> str:
    return text.removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """A semicolon where it parts the first three lines into more cells, equally many in each."""
    lines = _without_mark(text).splitlines()[:3]
    counts = {}
    for delimiter in ",;":
        sizes = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        counts[delimiter] = sizes.pop() if len(sizes) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


def _student_columns(header: list[str]) -> int:
    """How many columns are about the learner."""
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        return 4
    return 5 if re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]) else 3


def _account(row: list[str], header: list[str], course: Sequence[Account]) -> Account | None:
    """Whom a row is about: by number, else by the school's ids, else by name."""
    by_column = dict(zip(header, row, strict=True))
    tests = (
        lambda account: row[1].isdigit() and int(row[1]) == account.id,
        lambda account: account.sis and by_column.get("SIS User ID") == account.sis,
        lambda account: account.login and by_column.get("SIS Login ID") == account.login,
        lambda account: row[0] in {account.name, account.sortable},
    )
    return next((account for test in tests for account in course if test(account)), None)


def _number(cell: str) -> str:
    """A number with the decimal point of Canvas, whatever the file's is."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *parts, last = re.split(r"[,.]", cell)
    return f"{''.join(parts)}.{last}" if parts else last
