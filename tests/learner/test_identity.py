"""An id survives being written down, and names a branch of its own."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from checks.core.learner import ID_LENGTH, format_learner, parse_learner, slug
from checks.expect import Failure
from checks.model import Identity

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=ID_LENGTH)


@given(TEXT, TEXT)
@example('a"b\\c', "tab\tand\nline\r\nends")
@example("\x7f\x00é\u2028", "\ufeff")
@example("'''", '"""')
@example("x = [1]\n[table]", "#")
def test_identity_survives_being_written(learner_id: str, name: str) -> None:
    assume(learner_id.strip())
    assume(max(learner_id.count("."), name.count(".")) <= 100)  # no line of TOML may have more dots
    learner = Identity(learner_id, name)
    assert parse_learner(format_learner(learner).encode()) == Identity(learner_id.strip(), name.strip())


@pytest.mark.parametrize(
    "text", [b"", b"name = 'Ada'", b"id = ''", b"id = ' '", b"id = 5", b"id = ['a']", b"id = '" + b"x" * 255 + b"'"]
)
def test_file_without_a_usable_id_is_refused(text: bytes) -> None:
    with pytest.raises(Failure) as caught:
        parse_learner(text)
    assert caught.value.looked_at == "learner.toml"
    assert "mlsd start" in caught.value.fix


def test_file_of_windows_notepad_is_read() -> None:
    assert parse_learner(b'\xef\xbb\xbfid = "ada@example.org"\r\nname = "Ada"\r\n') == Identity(
        "ada@example.org", "Ada"
    )


@given(TEXT)
def test_slug_is_a_part_of_a_branch_s_name(learner_id: str) -> None:
    found = slug(learner_id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found)
    assert len(found) <= 110


@pytest.mark.parametrize(
    ("learner_id", "expected"),
    [
        ("ada@example.org", "ada-example-org"),
        ("  Ada.Lovelace+ml@Example.ORG ", "ada-lovelace-ml-example-org"),
        ("José@example.org", "jose-example-org"),
        ("s1234567", "s1234567"),
    ],
)
def test_slug_of_ordinary_ids(learner_id: str, expected: str) -> None:
    assert slug(learner_id) == expected


def test_ids_in_other_scripts_do_not_share_a_branch() -> None:
    ids = ["張偉明@example.org", "張偉強@example.org", "Иван@example.org", "example.org", "Мария", "марія", "😀", "😁"]
    assert len({slug(learner_id) for learner_id in ids}) == len(ids)


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=100))
def test_slug_of_letters_and_digits_is_the_id_in_lower_case(learner_id: str) -> None:
    assert slug(learner_id) == learner_id.lower()
