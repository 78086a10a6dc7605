"""File names of the feedback files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.reports.escape import MAX_NAME_BYTES, file_name, file_names


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
    names = file_names(["Ada", "ada", "ADA", "Rene\u0301", "Ren\u00e9", "a/b", "a\\b", "a_b", "a_b"])
    assert len({name.casefold() for name in names}) == 9
    assert names[0] == "Ada.md"


def test_a_long_name_is_cut_between_characters() -> None:
    one, two = file_names(["\u8868" * 200, "\u8868" * 201])
    assert one != two
    assert one.startswith("\u8868" * 30)


def test_a_changed_name_does_not_depend_on_the_others() -> None:
    assert file_names(["a/b"])[0] == file_names(["x", "y", "a/b"])[2]


def test_names_in_taken_are_avoided() -> None:
    taken = {"ada.md"}
    assert file_name("ada", taken) != "ada.md"
    assert file_name("new", taken) in taken


def test_another_ending_is_as_safe() -> None:
    taken: set[str] = set()
    names = [file_name(name, taken, ".json") for name in ("ada", "Ada", "a/b", "\u8868" * 200)]
    assert names[0] == "ada.json"
    assert all(name.endswith(".json") and len(name.encode()) <= MAX_NAME_BYTES for name in names)
    assert len({name.casefold() for name in names}) == 4
