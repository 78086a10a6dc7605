"""An `MLmodel` file: what MLflow says of a saved model.

Format: https://mlflow.org/docs/latest/ml/model/#storage-format, signatures: https://mlflow.org/docs/latest/ml/model/signatures/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from checks import limits
from checks.evidence.documents import convert, parse_json, parse_yaml
from checks.evidence.mlflow.artifacts import Artifacts

MLMODEL = "MLmodel"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a signature, or a tensor: then `type` is `tensor(float64)` or the like."""

    name: str | None
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives; without outputs where none were noted."""

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A saved model. `input_example` is a file beside the MLmodel that exists."""

    artifacts: Artifacts
    flavors: Mapping[str, Mapping[str, Any]]
    signature: Signature | None
    input_example: str | None
    run_id: str | None
    model_id: str | None

    @property
    def lacking(self) -> str | None:
        """What `python_function` names as the model itself, where it is not there or is an empty file; else None."""
        function = self.flavors.get("python_function", {})
        for key in ("model_path", "data"):
            path = str(function.get(key, "")).strip("/")
            if path and not any(
                name.startswith(f"{path}/") or (name == path and self.artifacts.size(name))
                for name in self.artifacts.paths()
            ):
                return path
        return None


class _Example(msgspec.Struct):
    artifact_path: object = None


class _Signature(msgspec.Struct):
    inputs: str | None = None
    outputs: str | None = None
    params: object = None


class _Column(msgspec.Struct, rename={"tensor": "tensor-spec"}):
    type: str
    name: str | None = None
    tensor: dict[str, object] | None = None
    required: bool | None = None
    optional: bool = False


class _Document(msgspec.Struct):
    flavors: dict[str, dict[str, Any]]
    signature: _Signature | None = None
    saved_input_example_info: _Example | None = None
    run_id: object = None
    model_id: object = None


def read_model(artifacts: Artifacts) -> Model | None:
    """The model in a folder, or None where it holds no MLmodel. Raises Malformed where that is malformed."""
    if not artifacts.is_file(MLMODEL):
        return None
    where = f"{artifacts.folder}/{MLMODEL}"
    document = convert(parse_yaml(artifacts.read(MLMODEL, limits.TEXT_BYTES), where), _Document, where)
    path = document.saved_input_example_info and document.saved_input_example_info.artifact_path
    return Model(
        artifacts=artifacts,
        flavors=MappingProxyType(document.flavors),
        signature=_signature(document.signature, where),
        input_example=path if isinstance(path, str) and artifacts.is_file(path) else None,
        run_id=_text(document.run_id),
        model_id=_text(document.model_id),
    )


def _text(value: object) -> str | None:
    # YAML reads an id of digits alone as a number.
    return None if value is None or isinstance(value, dict | list) else str(value)


def _signature(signature: _Signature | None, where: str) -> Signature | None:
    if signature is None:
        return None
    inputs = _columns(signature.inputs, f"{where}: signature, inputs")
    outputs = _columns(signature.outputs, f"{where}: signature, outputs")
    return Signature(inputs, outputs) if inputs or outputs or signature.params else None


def _columns(text: str | None, where: str) -> tuple[Column, ...]:
    """The columns of one side: a JSON list in a text."""
    if text is None:
        return ()
    most = Annotated[list[_Column], msgspec.Meta(max_length=limits.MLFLOW_COLUMNS)]
    columns: list[_Column] = convert(parse_json(text.encode(errors="replace"), where), most, where)
    return tuple(map(_column, columns))


def _column(column: _Column) -> Column:
    kind = column.type
    if kind == "tensor" and column.tensor is not None:
        kind = f"tensor({str(column.tensor.get('dtype'))[:40]})"
    # Before MLflow 2.6 a column said `optional` in place of `required`.
    required = not column.optional if column.required is None else column.required
    return Column(column.name and column.name[:1_000], kind, required)
