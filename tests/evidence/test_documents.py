"""YAML, JSON and TOML from a stranger: a value or a `Failure` that names the file; a document that would take n² steps ends these tests never."""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checks import limits
from checks.evidence.documents import convert, parse_json, parse_toml, parse_yaml, parse_yaml_text
from checks.expect import Failure, Malformed

PARSERS: dict[str, Callable[[bytes, str], Any]] = {
    "yaml": parse_yaml,
    "yaml as text": parse_yaml_text,
    "json": parse_json,
    "toml": parse_toml,
}
MANY = 500_000
BOM = b"\xef\xbb\xbf"

DEEP = {
    "flow lists": b"[" * MANY,
    "flow mappings": b"{a: " * MANY,
    "pairs in flow lists": b"[? " * MANY,
    "implicit pairs in flow lists": b"[a: " * MANY,
    "flow lists, closed again": b"[" * MANY + b"]" * MANY,
    "block lists": b"- " * MANY,
    "block keys": b"? " * MANY,
    "brackets closed in comments": b"[ #]\n" * (MANY // 2),
    "brackets closed in text": b'[ "]", ' * (MANY // 4),
    "block lists after a carriage return": b"\r" + b"- " * MANY,
    "block lists after a line separator": b"# \xe2\x80\xa8" + b"- " * MANY,
    "block lists after a byte order mark": BOM + b"- " * MANY,
    "block lists in UTF-16": ("- " * MANY).encode("utf-16"),
    "flow lists in UTF-16, big end first": b"\xfe\xff" + ("[" * MANY).encode("utf-16-be"),
    "block mappings, a column each": b"".join(b" " * depth + b"a:\n" for depth in range(2000)),
    "lists and mappings in one column": b"".join(
        b" " * depth + b"a:\n" + b" " * depth + b"-\n" for depth in range(1400)
    ),
}
PROGRAM = """
import sys
from checks.evidence import documents
from checks.expect import Failure
try:
    getattr(documents, sys.argv[1])(sys.stdin.buffer.read(), "x")
except Failure as failure:
    print(failure.found)
"""


@pytest.mark.parametrize("data", DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize("parser", ["parse_yaml", "parse_yaml_text"])
def test_yaml_of_any_depth_never_ends_the_process(parser: str, data: bytes) -> None:
    command = [sys.executable, "-c", PROGRAM, parser]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, "the parser took the whole process with it"
    assert f"more than {limits.YAML_DEPTH} nested levels" in done.stdout.decode()


@pytest.mark.parametrize("data", [b'{"a":' * MANY, b"[" * MANY + b"]" * MANY])
def test_deep_json_is_refused(data: bytes) -> None:
    with pytest.raises(Failure, match="no valid JSON"):
        parse_json(data, "listing.dir")


@pytest.mark.parametrize(
    "data", [b"a=" + b"[" * MANY, b"a=" + b"{a=" * MANY, b"a" + b".a" * MANY + b"=1", b"[a" + b".a" * MANY]
)
def test_deep_toml_is_refused(data: bytes) -> None:
    with pytest.raises(Failure, match=r"no (valid )?TOML"):
        parse_toml(data, "learner.toml")


def test_yaml_at_a_reasonable_depth_is_read() -> None:
    depth = limits.YAML_DEPTH
    value = parse_yaml(b"[" * depth + b"]" * depth, "x")
    while value:
        (value,) = value
    with pytest.raises(Failure, match="nested levels"):
        parse_yaml(b"[" * (depth + 1) + b"]" * (depth + 1), "x")


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    assert parse_yaml(b"a:\n" + b"  - [{b: 1}]\n" * 1000, "MLmodel") == {"a": [[{"b": 1}]] * 1000}


def billion(levels: str) -> bytes:
    """A document in which each line names the line before nine times over."""
    lines = ["a0: &a0 {k: lol}"]
    lines += [f"a{n}: &a{n} " + levels.format(", ".join([f"*a{n - 1}"] * 9)) for n in range(1, 20)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("levels", ["[{}]", "{{<<: [{}], x: 1}}"])
@pytest.mark.parametrize("parse", [parse_yaml, parse_yaml_text])
def test_a_billion_laughs_are_refused(parse: Callable[[bytes, str], Any], levels: str) -> None:
    with pytest.raises(Failure, match="its aliases expanded"):
        parse(billion(levels), "x.dvc")


@pytest.mark.parametrize("data", [b"&a [*a]", b"&a {b: *a}", b"&a [&b [*a], *b]", b"- &a x\n- &a [*a]"])
def test_a_document_that_holds_itself_is_refused(data: bytes) -> None:
    with pytest.raises(Failure, match="line"):
        parse_yaml(data, "x.dvc")


def test_honest_aliases_and_merges_are_read() -> None:
    data = b"base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nagain: *base\n"
    assert parse_yaml(data, "x")["more"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    "data", [b"a: 1" + b":1" * MANY, b"a: 1" + b":1" * 2000 + b".5", b"9" * 10_000, b"0x" + b"f" * MANY]
)
def test_endless_numbers_are_refused(data: bytes) -> None:
    with pytest.raises(Failure, match="a number without an end"):
        parse_yaml(data, "x")


TAGGED = [
    "!!int ''",
    "!!int x",
    "!!float ''",
    "!!float x",
    "!!bool x",
    "!!timestamp x",
    "!!timestamp 2001-99-99",
    "!!set x",
    "!!binary é",
    "!!omap x",
    "!!pairs [x]",
    "!!python/object:os.system x",
    "!mine x",
    "{[a]: b}",
    "2001-02-30",
    "2024-01-01 00:00:00 +99:99",
    "!!map [a]",
    "!!seq {a: b}",
    "!!str [a]",
    "<<: x",
    "{<<: [[a]]}",
    "=: =",
    "!!null [x]",
]


@pytest.mark.parametrize("document", TAGGED)
def test_a_tag_that_does_not_fit_is_no_error_of_ours(document: str) -> None:
    for parse in (parse_yaml, parse_yaml_text):
        with contextlib.suppress(Failure):
            parse(document.encode(), "x")


@pytest.mark.parametrize(
    ("kind", "data", "line"),
    [
        ("yaml", b"a: 1\nb: [1, 2\nc: 3\n", "line 3"),
        ("yaml", b"a: 1\n\tb: 2\n", "line 2"),
        ("yaml", b"a: *nobody\n", "line 1"),
        ("json", b'[\n  {"md5": }\n]', "line 2"),
        ("toml", b'id = "ada"\nname = Ada\n', "line 2"),
    ],
)
def test_malformed_input_names_the_file_and_the_line(kind: str, data: bytes, line: str) -> None:
    with pytest.raises(Failure) as caught:
        PARSERS[kind](data, "task/some.file")
    assert caught.value.looked_at == "task/some.file"
    assert line in caught.value.found


@pytest.mark.parametrize("kind", PARSERS)
@given(
    data=st.one_of(
        st.binary(max_size=200), st.text("[]{}:-?*&!<>|'\"% \n\r\t#a1.=,~\\\x85\u2028", max_size=80).map(str.encode)
    )
)
def test_any_bytes_give_a_value_or_a_failure(kind: str, data: bytes) -> None:
    with contextlib.suppress(Failure):
        PARSERS[kind](data, "x")


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff\x85\u2028\u2029"), max_size=20
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False), TEXT)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@given(VALUES, st.booleans())
def test_what_pyyaml_dumps_loads_back(value: object, flow: bool) -> None:
    assert parse_yaml(yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow).encode(), "x") == value


@given(st.floats())
def test_a_float_stays_the_float_it_was(value: float) -> None:
    loaded = parse_yaml(yaml.safe_dump(value).encode(), "x")
    assert loaded == value or math.isnan(value)


@given(st.dictionaries(TEXT, TEXT, max_size=4))
def test_text_loads_back_as_text(value: dict[str, str]) -> None:
    assert parse_yaml_text(yaml.safe_dump(value, allow_unicode=True).encode(), "x") == value


class Part(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    md5: str
    of_size: int | None = None


class Whole(msgspec.Struct):
    outs: Annotated[list[Part], msgspec.Meta(min_length=1)]
    flavors: dict[str, dict[str, object]] = {}
    on: bool = False


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (None, "nothing, where a mapping belongs"),
        ([], "a list, where a mapping belongs"),
        ({}, "no `outs`"),
        ({"outs": []}, "another value at `outs`, where a list of length >= 1 belongs"),
        ({"outs": [{}]}, "no `md5` at `outs[0]`"),
        (
            {"outs": [{"md5": "0", "of-size": "4"}]},
            "a text at `outs[0].of-size`, where a whole number or nothing belongs",
        ),
        ({"outs": [{"md5": "0", "x": 4}]}, "an unknown key `x` at `outs[0]`"),
        ({"outs": [{"md5": "0"}], "flavors": {"a": "b"}}, "a text at `flavors.*`, where a mapping belongs"),
        (
            {"outs": [{"md5": "0"}], "flavors": {3: {}}},
            "a name among those at `flavors`, where a text belongs: write it in quotes",
        ),
        ({"outs": [{"md5": "0"}], "on": 1}, "a whole number at `on`, where true or false belongs"),
    ],
)
def test_what_does_not_fit_its_model_is_told_in_words(document: object, fault: str) -> None:
    with pytest.raises(Malformed) as caught:
        convert(document, Whole, "a/file")
    assert (caught.value.looked_at, caught.value.found) == ("a/file", fault)


def test_a_document_becomes_its_model() -> None:
    assert convert({"outs": [{"md5": "0", "of-size": 4}], "more": 1}, Whole, "x") == Whole([Part("0", 4)])
    assert convert({"a": "1"}, dict[str, int], "x", strict=False) == {"a": 1}
