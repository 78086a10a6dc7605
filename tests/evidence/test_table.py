"""CSV files from strangers."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import limits
from checks.evidence.table import parse_table
from checks.expect import Failure


def test_columns_and_rows_are_read() -> None:
    table = parse_table(b'\xef\xbb\xbfa,b\r\n1,"x, y"\r\n\r\n2,\r\n', "t.csv")
    assert table.columns == ("a", "b")
    assert table.rows == (("1", "x, y"), ("2", ""))
    assert table.column("b") == ["x, y", ""]
    assert table.column("c") is None


@pytest.mark.parametrize(
    "data",
    [b"", b"\n1\n", b"a,a\n1,2\n", b"a,b\n1\n", b"a\n1,2\n", b"\xff\xfe", b'a\n"', b"a\n" + b"x" * 200_000],
)
def test_what_is_no_table_is_named(data: bytes) -> None:
    with pytest.raises(Failure) as caught:
        parse_table(data, "t.csv")
    assert caught.value.looked_at == "t.csv"


def test_more_rows_than_the_limit_are_refused() -> None:
    with pytest.raises(Failure, match="rows"):
        parse_table(b"a\n" + b"1\n" * (limits.TABLE_ROWS + 1), "t.csv")


@given(st.binary(max_size=80) | st.text('a,"\r\n;', max_size=40).map(str.encode))
def test_any_bytes_give_a_table_or_a_failure(data: bytes) -> None:
    with contextlib.suppress(Failure):
        table = parse_table(data, "t.csv")
        assert all(len(row) == len(table.columns) for row in table.rows)
