"""A CSV file from a stranger, read within limits."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from operator import itemgetter

from checks import limits
from checks.expect import Malformed

_NO_TABLE = "no CSV file with a line of column names: "


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a CSV file by name, and its rows in order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str] | None:
        """The values of a column, or None where there is none of this name."""
        if name not in self.columns:
            return None
        return list(map(itemgetter(self.columns.index(name)), self.rows))


def parse_table(data: bytes, where: str) -> Table:
    """The table in `data` (UTF-8, a first line of names). Raises Malformed where it is none, or beyond a limit."""
    try:
        text = data.decode("utf-8-sig")
        lines = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), strict=True), limits.TABLE_ROWS + 2))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed(where, _NO_TABLE + str(error)[:200]) from None
    if not lines or not lines[0]:
        raise Malformed(where, _NO_TABLE + "nothing")
    columns, *rows = [tuple(line) for line in lines if line]
    if len(rows) > limits.TABLE_ROWS:
        raise Malformed(where, _NO_TABLE + f"more than {limits.TABLE_ROWS:,} rows")
    if len(set(columns)) != len(columns):
        raise Malformed(where, _NO_TABLE + "two columns of one name")
    if set(map(len, rows)) - {len(columns)}:
        number, row = next((number, row) for number, row in enumerate(rows, start=2) if len(row) != len(columns))
        raise Malformed(where, _NO_TABLE + f"row {number} with {len(row)} values for {len(columns)} columns")
    return Table(columns, tuple(rows))
