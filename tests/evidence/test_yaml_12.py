"""YAML 1.2 as DVC reads it: its own parser is the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.documents import parse_yaml_12

SCALARS = (
    "1 01 0o17 0x1F 0b101 -5 +7 1_000 1.5 -1.5e3 1e-3 1E5 .5 5. .inf -.inf ~ null Null true True TRUE false yes no on off "
    "Yes ON y n 12:30 1:30:00 1.2.3 abc '1' \"true\" <<x 1e5x 0 -0 1.0 0.25 e3 --1"
)


def told_by_dvc(text: str) -> object:
    from dvc.utils.serialize import parse_yaml

    return parse_yaml(text, "any.yaml")


@pytest.mark.parametrize("scalar", SCALARS.split())
def test_dvc_and_we_read_the_same_value(scalar: str) -> None:
    text = f"key: {scalar}\n"
    ours, theirs = parse_yaml_12(text.encode(), "any.yaml"), told_by_dvc(text)
    assert ours == theirs
    assert type(ours["key"]) is type(theirs["key"])  # type: ignore[index]


@given(
    st.dictionaries(st.text("abyn", min_size=1), st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False))
)
def test_what_dvc_writes_is_read_back(values: dict[str, object]) -> None:
    from dvc.utils.serialize import dumps_yaml

    assert parse_yaml_12(dumps_yaml(values).encode(), "any.yaml") == values
