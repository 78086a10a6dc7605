"""A CSV file of which a few cells are filled, against Python's own reader."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checks.reports.interface import Source
from checks.reports.sheet import Sheet

TEXTS = st.text(st.sampled_from('ab ,;\t"\r\n\ufeff=é'), max_size=6)
ROWS = st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4)


def _written(rows: list[list[str]], separator: str, ends: str, quoting: int) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ends, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data())
def test_filling_a_cell_changes_that_cell_only(
    rows: list[list[str]], separator: str, ends: str, every: bool, data: st.DataObject
) -> None:
    # Python leaves a lone carriage return bare, and so loses it.
    assume(every or not any("\r" in text for row in rows for text in row))
    rows = [["one", "two", "three"], *rows]
    text = "\ufeff" + _written(rows, separator, ends, csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL)
    sheet = Sheet(Source("x", text))
    assert sheet.filled({}) == text
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    filled = sheet.filled({row: {column: "46.8"}})
    before, after = sheet.rows[row].source, Sheet(Source("x", filled)).rows[row].source
    assert filled == text.replace(before, after, 1) or text.count(before) > 1
    rows[row][column] = "46.8"
    assert list(csv.reader(io.StringIO(filled[1:], newline=""), delimiter=separator)) == rows


@given(st.text(st.sampled_from('a,;"\r\n'), max_size=12))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    refused = ""
    try:
        sheet = Sheet(Source("x.csv", text))
    except ValueError as error:
        refused = str(error)
    else:
        assert sheet.filled({}) == text
    assert not refused or refused.startswith("x.csv")


def test_a_quote_that_never_ends_is_no_long_search() -> None:
    with pytest.raises(ValueError, match="line 1"):
        Sheet(Source("x", 'a,"' + "x" * 1_000_000))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.reports.sheet.MAX_CELLS", 9)
    assert len(Sheet(Source("x", "a,,\n,,\n,,\n")).rows) == 3
    for text in ("a,,\n,,\n,,\n,", "a" + "," * 9):
        with pytest.raises(ValueError, match="cells"):
            Sheet(Source("x", text))
