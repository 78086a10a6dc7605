"""The roster: who is in the class, as a CSV file from a spreadsheet or a learning platform."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from checks import limits
from checks.core.data import normalise_id
from checks.core.learner import ID_LENGTH
from checks.grading.late import Extension, NoTimeError, parse_extension
from checks.model import Identity

COLUMNS = ("id", "name", "email", "source", "extension")
"""The columns that are read, in any order. Only `id` must be there; others are left alone. `e-mail` is `email` too."""
_LINE_END = re.compile("\r\n|\r|\n")
_SEPARATORS = ",;\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class RosterError(Exception):
    """A roster that can't be read. The message names the file, the line and what would do."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One learner of the class."""

    learner: Identity
    source: str
    """The name of the learner's submission (a file, a folder or a branch), or empty: then it is found by who it is from."""
    extension: Extension | None
    line: int
    """Where the roster says so, counted from 1."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The class, in the roster's order."""

    rows: tuple[Enrolled, ...]

    def extensions(self) -> dict[str, Extension]:
        """The extension of each learner who has one, by the roster's id as it is in `Identity.id`."""
        return {row.learner.id: row.extension for row in self.rows if row.extension is not None}


def read_roster(path: Path) -> Roster:
    """Read a roster. Raises RosterError."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.ROSTER_BYTES + 1)
    except OSError as error:
        raise RosterError(f"{path}: {error.strerror or error}") from None
    return parse_roster(data, str(path))


def parse_roster(data: bytes, where: str) -> Roster:
    """The roster in the bytes of a CSV file: RFC 4180, with what spreadsheets do to it.

    Cells are parted by commas, semicolons or tabs, whichever parts the first line into names with `id` among them.
    UTF-8, or UTF-16 with its mark. Empty lines are left out. Raises RosterError, which names the file as `where`.
    """
    if len(data) > limits.ROSTER_BYTES:
        raise RosterError(f"{where}: more than {limits.ROSTER_BYTES:,} bytes are no roster")
    text = _decoded(data, where)
    separator, start = _separator(text, where)
    lines = _lines(text, separator, start, where)
    number, header = next(lines)
    names = [_column(name) for name in header]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise RosterError(f"{where}, line {number}: two columns are named {name!r}: delete or rename one")
    rows = []
    for number, cells in lines:
        if len(cells) > len(names):
            raise RosterError(
                f"{where}, line {number}: {len(cells)} cells below {len(names)} names: "
                f"a text with {separator!r} in it must stand in quotes"
            )
        rows.append(_enrolled(dict(zip(names, cells, strict=False)), number, where))
        if len(rows) > limits.ROSTER_LEARNERS:
            raise RosterError(f"{where}: more than {limits.ROSTER_LEARNERS:,} learners")
    if not rows:
        raise RosterError(f"{where}: nobody is in it: write one line for each learner below the line of names")
    for what, key in _UNIQUE:
        _need_unique(rows, what, key, where)
    return Roster(tuple(rows))


def source_key(name: str) -> str:
    """A submission's name as it is compared: a spreadsheet and a Mac's folder write `é` in two ways."""
    return unicodedata.normalize("NFC", name).rstrip("/\\")


_UNIQUE: tuple[tuple[str, Callable[[Enrolled], str]], ...] = (
    ("id", lambda row: normalise_id(row.learner.id)),
    ("email", lambda row: normalise_id(row.learner.email or "")),
    ("source", lambda row: source_key(row.source)),
)


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-16") if data.startswith(_UTF16) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RosterError(
            f"{where}, line {line}: not UTF-8: in the spreadsheet, save it as CSV UTF-8 (comma or semicolon delimited)"
        ) from None


def _separator(text: str, where: str) -> tuple[str, int]:
    """The separator of the cells, and the number of lines to skip: Excel may write `sep=;` above the names."""
    lines = _LINE_END.split(text, 2)
    start = 1 if lines[0].strip().lower() in {f"sep={separator}".strip() for separator in _SEPARATORS} else 0
    first = lines[start] if len(lines) > start else ""
    for separator in _SEPARATORS:
        try:
            names = next(csv.reader([first], delimiter=separator), [])
        except csv.Error:
            continue
        if "id" in map(_column, names):
            return separator, start
    raise RosterError(
        f"{where}, line {start + 1}: expected the names of the columns, `id` among them "
        f"(such as {','.join(COLUMNS)}), found {first[:80]!r}"
    )


def _lines(text: str, separator: str, start: int, where: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with the number of the line on which it begins."""
    stream = io.StringIO(text, newline="")
    for _ in range(start):
        stream.readline()
    reader = csv.reader(stream, delimiter=separator, strict=True)
    while True:
        number = start + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise RosterError(f"{where}, line {number}: no CSV: {error}") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number, cells


def _column(name: str) -> str:
    plain = name.strip().casefold()
    return "email" if plain == "e-mail" else plain


def _enrolled(cells: dict[str, str], number: int, where: str) -> Enrolled:
    row = {name: cells.get(name, "").strip() for name in COLUMNS}
    for name, cell in row.items():
        limit = ID_LENGTH if name in ("id", "email") else limits.ROSTER_CELL
        if len(cell) > limit:
            raise RosterError(f"{where}, line {number}: {name} has {len(cell):,} characters, more than {limit}")
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in cell):
            raise RosterError(f"{where}, line {number}: {name} holds a line break or another control character")
    if not normalise_id(row["id"]):
        raise RosterError(f"{where}, line {number}: no `id`: each learner needs one")
    try:
        extension = parse_extension(row["extension"])
    except NoTimeError as error:
        raise RosterError(f"{where}, line {number}: extension: {error}") from None
    learner = Identity(row["id"], row["name"], row["email"] or None)
    return Enrolled(learner, row["source"], extension, number)


def _need_unique(rows: list[Enrolled], what: str, key: Callable[[Enrolled], str], where: str) -> None:
    first: dict[str, int] = {}
    for row in rows:
        value = key(row)
        if value and first.setdefault(value, row.line) != row.line:
            raise RosterError(
                f"{where}, line {row.line}: {what} {value!r} is that of line {first[value]} already: "
                "each learner has one line and an own one"
            )
