"""A CSV file that an LMS wrote, in which a few cells are filled and every other character stays as it is.

RFC 4180, with comma, semicolon or tab between cells, and any line ends. Python's `csv` reads such a file, but forgets
which cells were quoted and how lines ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_CELLS: Final = 2_000_000
"""Cells of a sheet: 10,000 learners with 200 columns."""
BYTE_ORDER_MARK: Final = "\ufeff"
_QUOTED: Final = re.compile(r'"((?:[^"]++|"")*+)"')


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it means, and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file's rows, lines without any text left out. The first is the header."""

    name: str
    source: str
    separator: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def header(self) -> list[str]:
        """The names of the columns, without the spaces around them."""
        return [cell.text.strip() for cell in self.rows[0]]

    def column(self, *names: str) -> int | None:
        """The first column that has one of these names, in any case, or None."""
        wanted = {name.casefold() for name in names}
        return next((index for index, text in enumerate(self.header) if text.casefold() in wanted), None)

    def text(self, row: int, column: int | None) -> str:
        """What a cell says, without the spaces around it. Empty where there is no such cell."""
        cells = self.rows[row]
        return "" if column is None or column >= len(cells) else cells[column].text.strip()

    def cell(self, row: int, column: int) -> Cell:
        """A cell that is to be filled. Raises ValueError where the row is too short for it."""
        if column >= len(self.rows[row]):
            line = _line(self.source, self.rows[row][0].start)
            raise ValueError(f"{self.name}, line {line}: it has {len(self.rows[row])} cells, {column + 1} are needed.")
        return self.rows[row][column]

    def filled(self, changes: Mapping[Cell, str]) -> str:
        """The whole text with some cells replaced. The new texts stand as they are: quote them first."""
        parts, at = [], 0
        for cell in sorted(changes, key=lambda cell: cell.start):
            parts += [self.source[at : cell.start], changes[cell]]
            at = cell.end
        return "".join([*parts, self.source[at:]])


def read_sheet(source: str, name: str) -> Sheet:
    """The sheet that the text holds; `name` is how messages call it. A byte order mark at its start stays there.

    Raises:
        ValueError: it is none; the message is one sentence that names the line.
    """
    first = 1 if source.startswith(BYTE_ORDER_MARK) else 0
    separator = _separator(source, first)
    rows: list[tuple[Cell, ...]] = []
    cells, at = 0, first
    while at < len(source):
        row, at = _row(source, at, separator, name)
        cells += len(row)
        if cells > MAX_CELLS:
            raise ValueError(f"{name} has more than {MAX_CELLS:,} cells.")
        if len(row) > 1 or row[0].text.strip():
            rows.append(row)
    if not rows:
        raise ValueError(f"{name} is empty.")
    return Sheet(name, source, separator, tuple(rows))


def _separator(source: str, at: int) -> str:
    """What stands behind the first cell: its name holds no separator, in any LMS."""
    quoted = _QUOTED.match(source, at)
    found = re.compile(r"[,;\t\r\n]").search(source, quoted.end() if quoted else at)
    return found[0] if found and found[0] in ",;\t" else ","


def _row(source: str, at: int, separator: str, name: str) -> tuple[tuple[Cell, ...], int]:
    """The row that starts there, and where the next one starts."""
    end = re.compile(rf"[{separator}\r\n]|\Z")
    cells: list[Cell] = []
    while True:
        start, quoted = at, _QUOTED.match(source, at)
        if quoted:
            text, at = quoted[1].replace('""', '"'), quoted.end()
        elif source.startswith('"', at):
            raise ValueError(f"{name}, line {_line(source, at)}: a quote is opened and never closed.")
        else:
            at = next(end.finditer(source, at)).start()
            text = source[start:at]
        cells.append(Cell(text, start, at))
        if len(cells) > MAX_CELLS:
            raise ValueError(f"{name} has more than {MAX_CELLS:,} cells.")
        if source.startswith(separator, at):
            at += 1
            continue
        if at < len(source) and source[at] not in "\r\n":
            raise ValueError(f"{name}, line {_line(source, at)}: there is text behind a closing quote.")
        return tuple(cells), at + (2 if source.startswith("\r\n", at) else 1)


def _line(source: str, at: int) -> int:
    """The line of the text in which a place stands, the first being 1."""
    return len(re.findall(r"\r\n|\r|\n", source[:at])) + 1
