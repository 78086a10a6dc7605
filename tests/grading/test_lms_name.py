"""The names that an LMS gives to what was handed in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.grading.lms_name import LmsName, parse_lms_name

NAMES = {
    "lovelaceada_12345_67890_ada.tar.gz": LmsName("canvas", "lovelaceada", "12345", "ada.tar.gz", False),
    "lovelaceada_LATE_12345_67890_ada.tar-1.gz": LmsName("canvas", "lovelaceada", "12345", "ada.tar-1.gz", True),
    "lovelaceada_1_2_my_3_4_work.zip": LmsName("canvas", "lovelaceada", "1", "my_3_4_work.zip", False),
    "gómezana_LATE_7_8_x.zip": LmsName("canvas", "gómezana", "7", "x.zip", True),
    "Ada Lovelace_123456_assignsubmission_file_": LmsName("moodle", "Ada Lovelace", "123456", "", None),
    "Ada Lovelace_123456_assignsubmission_file": LmsName("moodle", "Ada Lovelace", "123456", "", None),
    "Ada_B Lovelace_1_assignsubmission_file_w_1_2_k.zip": LmsName("moodle", "Ada_B Lovelace", "1", "w_1_2_k.zip", None),
    "Participant 12_34_assignsubmission_file_": LmsName("moodle", "Participant 12", "34", "", None),
}


@pytest.mark.parametrize("name", NAMES)
def test_an_lms_name_is_read(name: str) -> None:
    assert parse_lms_name(name) == NAMES[name]


@pytest.mark.parametrize("name", ["ada.tar.gz", "ada_lovelace.zip", "task_1_final.zip", "_1_2_", "solution/ada", ""])
def test_another_name_tells_nothing(name: str) -> None:
    assert parse_lms_name(name) is None


@given(st.text(max_size=300))
def test_any_name_is_answered(name: str) -> None:
    found = parse_lms_name(name)
    assert found is None or (found.name and found.id.isdecimal() and found.name in name)


@given(
    st.text("abcdé", min_size=1, max_size=10),
    st.booleans(),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.text(min_size=1, max_size=20),
)
def test_canvas(name: str, late: bool, user: int, attachment: int, file: str) -> None:
    said = f"{name}_{'LATE_' if late else ''}{user}_{attachment}_{file}"
    if "_assignsubmission_file" not in said:
        assert parse_lms_name(said) == LmsName("canvas", name, str(user), file, late)
