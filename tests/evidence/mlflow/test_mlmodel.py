"""An `MLmodel` from a stranger."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.files import Files
from checks.evidence.mlflow.artifacts import FolderArtifacts
from checks.evidence.mlflow.mlmodel import Column, Model, read_model
from checks.expect import Failure

GOOD = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"


def model(folder: Path, text: str | bytes) -> Model | None:
    (folder / "MLmodel").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_model(FolderArtifacts(Files(folder), ""))


def signature(inputs: object, **more: object) -> str:
    return GOOD + "signature: " + json.dumps({"inputs": json.dumps(inputs), **more}) + "\n"


def test_no_model(tmp_path: Path) -> None:
    assert read_model(FolderArtifacts(Files(tmp_path), "")) is None


def test_columns_of_every_kind(tmp_path: Path) -> None:
    found = model(
        tmp_path,
        signature(
            [
                {"type": "long", "name": "a", "required": True},
                {"type": "double", "name": "b", "optional": True},
                {"type": "tensor", "name": "t", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}},
                {"type": "array", "items": {"type": "string"}, "name": "l", "required": False},
                {"type": "string"},
            ],
            outputs=None,
        ),
    )
    assert found
    assert found.signature
    assert found.signature.inputs == (
        Column("a", "long", True),
        Column("b", "double", False),
        Column("t", "tensor(float32)", True),
        Column("l", "array", False),
        Column(None, "string", True),
    )
    assert found.signature.outputs == ()


@pytest.mark.parametrize("text", ["signature: null\n", "signature: {inputs: null, outputs: null, params: null}\n", ""])
def test_no_signature(tmp_path: Path, text: str) -> None:
    found = model(tmp_path, GOOD + text)
    assert found
    assert found.signature is None


def test_an_example_counts_where_its_file_is(tmp_path: Path) -> None:
    text = GOOD + "saved_input_example_info: {artifact_path: example.json}\n"
    found = model(tmp_path, text)
    assert found
    assert found.input_example is None
    (tmp_path / "example.json").write_text("{}")
    found = model(tmp_path, text)
    assert found
    assert found.input_example == "example.json"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "[1]", "''"])
def test_an_example_elsewhere(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in").mkdir()
    found = model(tmp_path / "in", GOOD + f"saved_input_example_info: {{artifact_path: {path}}}\n")
    assert found
    assert found.input_example is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing, where a mapping belongs"),
        ("[]", "a list, where a mapping belongs"),
        ("a: 1", "no `flavors`"),
        ("flavors: [a]", "a list at `flavors`"),
        ("flavors: {a: 1}", "a whole number at `flavors.*`, where a mapping belongs"),
        ("flavors: !!python/object/apply:os.system [id]", "constructor"),
        (GOOD + "signature: [1]", "a list at `signature`, where a mapping"),
        (GOOD + "signature: {inputs: [1]}", "a list at `signature.inputs`, where a text"),
        (GOOD + "signature: {inputs: 'x'}", "Expecting value"),
        (GOOD + "signature: {inputs: '[1]'}", "a whole number at `[0]`, where a mapping"),
        (GOOD + "signature: {inputs: '[{}]'}", "no `type` at `[0]`"),
        (GOOD + "signature: {inputs: '" + "[" * 90_000 + "'}", "recursion"),
        (GOOD + "a: " + "[" * 5_000, "nested levels"),
    ],
)
def test_what_is_no_model(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(Failure) as caught:
        model(tmp_path, text)
    assert found in f"{caught.value.found} {caught.value.expected}"
    assert "MLmodel" in caught.value.looked_at


def test_a_model_file_of_100_mb(tmp_path: Path) -> None:
    with (tmp_path / "MLmodel").open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(Failure, match=rf"at most {limits.TEXT_BYTES:,} bytes"):
        read_model(FolderArtifacts(Files(tmp_path), ""))


@settings(max_examples=150)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["flavors", "signature", "inputs", "outputs", "run_id", "saved_input_example_info"])
                | st.text(max_size=4),
                inner,
                max_size=4,
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_and_any_document(tmp_path: Path, data: bytes) -> None:
    for text in (data, GOOD.encode() + b"signature: " + data, GOOD.encode() + b"saved_input_example_info: " + data):
        with suppress(Failure):
            model(tmp_path, text)
