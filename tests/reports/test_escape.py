"""What the escapes hold for every text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.reports import escape
from checks.reports.escape import MAX_NAME_BYTES, file_name, file_names

ANY_TEXT = st.text(st.characters())
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}


@given(ANY_TEXT)
def test_nothing_hidden_is_left(text: str) -> None:
    shown = escape.visible(text)
    assert not [char for char in shown if unicodedata.category(char) in HIDDEN and char not in "\u200c\u200d"]
    assert shown.encode().decode() == shown


@given(st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" ")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert escape.visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1m", r"\x1b[1m"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202e", r"\u202e"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        (r"C:\data", r"C:\data"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert escape.visible(text) == shown


def test_a_cut_says_how_long_the_text_is() -> None:
    assert escape.shorten("x" * 2_000, 10) == "xxxxxxxxxx… (cut: the first 10 of 2,000 characters)"
    assert escape.shorten("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize("text", ["::error::x", "  ::add-mask::x", "a ::stop-commands::x", "##[error]x", "a##vso[t]"])
def test_build_commands_are_broken(text: str) -> None:
    for function in (escape.terminal, escape.xml_text):
        assert not re.search(r"(^|\s)::[A-Za-z]|##[A-Za-z]*\[", function(text))


def test_what_only_looks_like_a_command_stays() -> None:
    assert escape.terminal("test_a.py::test_b ## title [1]") == "test_a.py::test_b ## title [1]"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r1", "  =1", "\uff1d1", "\ufeff=1", "\xa0=1", "\n=1"]
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert escape.csv_cell(text).startswith("'")


@given(ANY_TEXT)
def test_a_code_span_is_closed_by_its_own_fence_only(text: str) -> None:
    span = escape.code_span(text)
    fence = re.match("`+", span)
    assert fence
    inner = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert len(fence[0]) not in {len(run) for run in re.findall("`+", inner)}
    assert inner
    assert inner[0] != "`" != inner[-1]


@given(ANY_TEXT)
def test_markdown_has_no_bare_markup(text: str) -> None:
    shown = escape.markdown(text)
    if not shown.startswith("`"):
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_\[\]<>`!|&]", shown)
        assert "://" not in shown


@given(st.lists(st.text(st.characters()), max_size=8))
def test_names_are_safe_and_differ(submissions: list[str]) -> None:
    names = file_names(submissions)
    assert len({name.casefold() for name in names}) == len(submissions)
    for name in names:
        assert name.endswith(".md")
        assert not set(name) & set('/\\:*?"<>|\0\n`$')
        assert name.isprintable()
        assert name[0] not in ". -@+"
        assert len(name.encode()) <= MAX_NAME_BYTES


@pytest.mark.parametrize("name", ["ada.tar.gz", "Bob Smith.zip", "ada@example.org", "Renée", "\u5f20\u4e09.zip", "_a"])
def test_an_ordinary_name_stays(name: str) -> None:
    assert file_name(name, set()) == name + ".md"


@pytest.mark.parametrize("name", ["CON", "nul.tar.gz", "com1", "LPT\u00b9", "aux .zip"])
def test_devices_of_windows_are_no_names(name: str) -> None:
    assert file_name(name, set()).startswith("_")


def test_names_that_a_file_system_takes_for_the_same_differ() -> None:
    names = file_names(
        ["Ada", "ada", "ADA", "Rene\u0301", "Ren\u00e9", "a/b", "a\\b", "a_b", "a_b", "\u8868" * 200, "\u8868" * 201]
    )
    assert len({name.casefold() for name in names}) == 11
    assert names[0] == "Ada.md"


def test_a_changed_name_does_not_depend_on_the_others() -> None:
    assert file_names(["a/b"])[0] == file_names(["x", "y", "a/b"])[2]


def test_names_in_taken_are_avoided_with_any_ending() -> None:
    taken = {"ada.json"}
    assert file_name("ada", taken, ".json") not in {"ada.json", "ada.md"}
    assert file_name("new", taken, ".json") == "new.json"
    assert "new.json" in taken
