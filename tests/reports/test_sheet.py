"""A CSV file of which a few cells are filled, against Python's own reader."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checks.reports.sheet import read_sheet

TEXTS = st.text(st.sampled_from('ab ,;\t"\r\n\ufeff=é'), max_size=6)
ROWS = st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4)


def _written(rows: list[list[str]], ends: str, quoting: int) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=ends, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.booleans())
def test_it_reads_what_python_writes(rows: list[list[str]], ends: str, quoting: int, mark: bool) -> None:
    # Python leaves a lone carriage return bare, and so loses it.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in text for row in rows for text in row))
    rows = [["one", "two", "three"], *rows]
    sheet = read_sheet("\ufeff" * mark + _written(rows, ends, quoting), "x")
    assert [[cell.text for cell in row] for row in sheet.rows] == rows
    assert sheet.filled({}) == sheet.source


@given(ROWS, st.data())
def test_filling_a_cell_changes_that_cell_only(rows: list[list[str]], data: st.DataObject) -> None:
    rows = [["one", "two", "three"], *rows]
    sheet = read_sheet(_written(rows, "\r\n", csv.QUOTE_MINIMAL), "x")
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    filled = sheet.filled({sheet.cell(row, column): "46.8"})
    rows[row][column] = "46.8"
    assert [[cell.text for cell in line] for line in read_sheet(filled, "x").rows] == rows


@given(st.text(st.sampled_from('a,;"\r\n'), max_size=12))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    refused = ""
    try:
        sheet = read_sheet(text, "x.csv")
    except ValueError as error:
        refused = str(error)
    else:
        assert sheet.filled({}) == text
    assert not refused or refused.startswith("x.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_tells_the_separator(separator: str) -> None:
    sheet = read_sheet(separator.join(["a", "b, c" if separator != "," else "b", "d"]) + "\n", "x")
    assert sheet.separator == separator
    assert sheet.header[-1] == "d"


def test_a_quote_that_never_ends_is_no_long_search() -> None:
    with pytest.raises(ValueError, match="line 1"):
        read_sheet('a,"' + "x" * 1_000_000, "x")


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.reports.sheet.MAX_CELLS", 9)
    assert len(read_sheet(",,\n,,\n,,\n", "x").rows) == 3
    for text in (",,\n,,\n,,\n,", "," * 9):
        with pytest.raises(ValueError, match="cells"):
            read_sheet(text, "x")
