"""Whatever bytes a file of DVC's holds, it is read or named as malformed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.dvc.config import parse_config
from checks.evidence.dvc.pipeline import parse_pipeline
from checks.evidence.dvc.pointer import parse_lock, parse_pointer
from checks.expect import Malformed, Unavailable

WORDS = st.sampled_from(
    ["stages", "s", "cmd", "deps", "outs", "params", "vars", "foreach", "do", "matrix", "wdir", "${item}", "${a.b}"]
) | st.text("ab${}[].\\", max_size=6)  # fmt: skip
VALUES = st.recursive(
    WORDS | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(WORDS, VALUES, max_size=4).map(
    lambda stage: json.dumps({"vars": [{"a": {"b": 1}}], "stages": {"s": stage}}).encode()
)
MD5 = b"0123456789abcdef0123456789abcdef"
LINES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.text("[]{}'\"=#,;%()$\\ ab:&*!-\n\t", max_size=30).map(str.encode),
        st.sampled_from(
            [b"outs:", b"- md5: " + MD5, b"  path: a", b"  size: 1", b"wdir: ..", b"wdir: [a]", b"  hash: md5",
             b"s: {cmd: x, deps: [a]}", b"[core]", b"remote = x", b"['remote \"x\"']", b"url = %(x)s", b"[[inner]]"]
        ),
    )
).map(b"\n".join)  # fmt: skip
PARSERS: dict[str, Callable[[bytes], object]] = {
    "pointer": lambda data: parse_pointer(data, "x"),
    "lock": lambda data: parse_lock(data, "x"),
    "config": lambda data: parse_config(data, "x").default,
    "pipeline": lambda data: parse_pipeline(data, "x", {}.get),
}


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@given(data=LINES | DOCUMENTS | st.binary(max_size=80))
def test_any_bytes_are_read_or_malformed(parse: Callable[[bytes], object], data: bytes) -> None:
    malformed = Malformed("x", "")
    try:
        parse(data)
    except Malformed as failure:
        malformed = failure
    except Unavailable:
        pass
    assert malformed.looked_at.startswith("x")
    assert len(malformed.found) < 500
