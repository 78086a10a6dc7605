"""A CSV file of an LMS: who in it is who in the results, and how a few cells are filled.

Every other character of the file stays as it is. A row that could be two people's, or nobody's, is said and never
guessed.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from checks.model import CohortReport, SubmissionReport
from checks.reports.escape import csv_line, shorten, terminal
from checks.reports.interface import Source
from checks.reports.words import MAX_NAME, named, no_grade, standing, unverified

MAX_CELLS: Final = 2_000_000
"""Cells of a sheet: 10,000 learners with 200 columns."""
BYTE_ORDER_MARK: Final = "\ufeff"
_SEPARATOR: Final = re.compile(r'(?:"(?:[^"]++|"")*+"|[^",;\t\r\n]*)([,;\t])')
"""The separator stands behind the first cell: its name holds none, in any LMS."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number, its cells without the spaces around them, the lines that it takes, and the first one's number."""

    number: int
    cells: tuple[str, ...]
    source: str
    line: int

    def text(self, column: int | None) -> str:
        """The text of a cell. Empty where there is no such cell."""
        return "" if column is None or column >= len(self.cells) else self.cells[column]


@dataclass(frozen=True, slots=True)
class Person:
    """A learner's row of the file: its identifiers with the surest first, and its name."""

    row: Row
    ids: tuple[str, ...]
    name: str


class Sheet:
    """A CSV file with comma, semicolon or tab between its cells. The first row is the header.

    Raises ValueError where it is none; the message is one sentence that names the line.
    """

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self._mark = BYTE_ORDER_MARK if source.text.startswith(BYTE_ORDER_MARK) else ""
        text = source.text.removeprefix(self._mark)
        separator = _SEPARATOR.match(text)
        self.separator = separator[1] if separator else ","
        self.rows = tuple(self._read(text))
        if not any(row.cells for row in self.rows):
            raise ValueError(f"{self.name} is empty.")
        self.header = self.rows[0].cells

    def _read(self, text: str) -> Iterator[Row]:
        lines = list(io.StringIO(text, newline=""))
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        cells, start = 0, 0
        try:
            for number, row in enumerate(reader):
                cells += len(row)
                if cells > MAX_CELLS:
                    raise ValueError(f"{self.name} has more than {MAX_CELLS:,} cells.")
                stripped = tuple(cell.strip() for cell in row)
                yield Row(number, stripped, "".join(lines[start : reader.line_num]), start + 1)
                start = reader.line_num
        except csv.Error as error:
            raise ValueError(f"{self.name}, line {start + 1}: it is no CSV ({error}).") from None

    def column(self, *names: str) -> int | None:
        """The first column that has one of these names, in any case, or None."""
        wanted = {name.casefold() for name in names}
        return next((index for index, text in enumerate(self.header) if text.casefold() in wanted), None)

    def filled(self, changes: Mapping[int, Mapping[int, str]]) -> str:
        """The whole text with some cells replaced: by row's number and column, the new text.

        Raises ValueError where a row is too short.
        """
        return self._mark + "".join(
            self._filled(row, changes[row.number]) if changes.get(row.number) else row.source for row in self.rows
        )

    def _filled(self, row: Row, changes: Mapping[int, str]) -> str:
        needed = max(changes) + 1
        if needed > len(row.cells):
            raise ValueError(f"{self.name}, line {row.line}: it has {len(row.cells)} cells, {needed} are needed.")
        body = row.source.rstrip("\r\n")
        raw = re.findall(rf'(?:\A|{self.separator})("(?:[^"]++|"")*+"|[^{self.separator}]*)', body)
        for column, text in changes.items():
            raw[column] = csv_line([text], self.separator).rstrip("\n")
        return self.separator.join(raw) + row.source[len(body) :]


def match(
    submissions: Iterable[SubmissionReport], people: Sequence[Person], where: str
) -> tuple[dict[int, SubmissionReport], list[str]]:
    """By number of the row, the one submission that it belongs to; and a note for each that could not be matched.

    A submission is found by id or e-mail address, in the order of the rows' identifiers, and else by name. `where` is
    how notes call the file. Two submissions of one row, and a submission of two rows, are not matched.
    """
    by_column = _by_column(people)
    claims: dict[int, list[SubmissionReport]] = defaultdict(list)
    notes = []
    for submission in submissions:
        rows, by_name = _rows(submission, by_column)
        if len(rows) == 1:
            claims[rows.pop()].append(submission)
            if by_name:
                notes.append(f"matched by name only: {named(submission)}")
        elif rows:
            notes.append(f"not filled: {named(submission)} could be {len(rows)} people in {where}")
        else:
            notes.append(f"in the results, but not in {where}: {named(submission)}")
    for person in people:
        who = terminal(", ".join(shorten(part, MAX_NAME) for part in (person.name, *person.ids) if part))
        claimed = claims.get(person.row.number, [])
        if not claimed:
            notes.append(f"in {where}, but not in the results: {who}")
        elif len(claimed) > 1:
            names = " and ".join(named(submission) for submission in claimed)
            notes.append(f"not filled: {who} in {where} would be both {names}")
    return {row: found[0] for row, found in claims.items() if len(found) == 1}, notes


def _by_column(people: Sequence[Person]) -> list[dict[str, set[int]]]:
    """The numbers of the rows by each identifier, a mapping for each column of them, and last by name."""
    found: list[dict[str, set[int]]] = []
    for person in people:
        keys = [*([_folded(identifier)] for identifier in person.ids), _names(person.name)]
        found = found or [defaultdict(set) for _ in keys]
        for column, words in zip(found, keys, strict=True):
            for word in filter(None, words):
                column[word].add(person.row.number)
    return found


def _rows(submission: SubmissionReport, by_column: Sequence[dict[str, set[int]]]) -> tuple[set[int], bool]:
    """The numbers of the rows that could be the submission's, and whether only the name says so."""
    learner = submission.learner
    if learner is None or not by_column:
        return set(), False
    known = [_folded(learner.id), _folded(learner.email or "")]
    for column in by_column[:-1]:
        if rows := set().union(*(column.get(word, ()) for word in known)):
            return rows, False
    return set().union(*(by_column[-1].get(name, ()) for name in _names(learner.name))), True


def _names(name: str) -> list[str]:
    """A name, and where it is written as "Lovelace, Ada" also the other way round."""
    last, comma, first = _folded(name).partition(",")
    turned = [f"{first.strip()} {last.strip()}"] if first.strip() and last.strip() else []
    return [last + comma + first, *turned]


def _folded(text: str) -> str:
    """Text without the differences that two systems may make of one name."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def beside_the_grades(report: CohortReport) -> list[str]:
    """Notes that a column of numbers has no room for: who has no grade and why, and what was not verified."""
    notes = []
    for submission in report.submissions:
        if submission.grade is None:
            notes.append(f"no grade: {named(submission)}: {no_grade(submission)}")
        elif unverified(submission):
            notes.append(f"not all verified: {named(submission)}: {standing(submission)} ({unverified(submission)})")
    return notes


def left_out(report: CohortReport) -> list[str]:
    """A note for each submission that is in no new file of grades."""
    return [f"left out, as nobody knows whose it is: {named(one)}" for one in report.submissions if not one.learner]
