"""A `dvc.lock` of an old schema, of a newer one, and what is none. `test_agreement.py` holds real ones against DVC."""

from __future__ import annotations

import pytest

from checks.evidence.dvc.pointer import parse_lock
from checks.expect import Malformed, Unavailable

MD5 = "0123456789abcdef0123456789abcdef"
STAGE = f"s:\n  cmd: run\n  deps:\n  - path: d\n    md5: {MD5}\n    size: 1\n"


def test_the_first_schema_is_read() -> None:
    (stage,) = parse_lock(STAGE.encode(), "dvc.lock").values()
    assert stage.dependencies["d"].legacy


def test_a_newer_schema_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"3\.0"):
        parse_lock(b"schema: '3.0'\nstages: {}\n", "dvc.lock")


@pytest.mark.parametrize(
    "text",
    [
        "[a]", "stages", "schema: '2.0'\nstages: [a]", "schema: '2.0'\nstages: {s: {}}", "s: {cmd: x, deps: {a: b}}",
        "s: {cmd: x, deps: [a]}", "s: {cmd: x, outs: [{path: a, md5: ../../x}]}", "s: {cmd: x, outs: [{path: a}]}",
        "s: {cmd: x, params: []x}", "s: {cmd: 3}",
    ],
)  # fmt: skip
def test_what_is_no_lock_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_lock(text.encode(), "task/dvc.lock")
    assert caught.value.looked_at == "task/dvc.lock"
