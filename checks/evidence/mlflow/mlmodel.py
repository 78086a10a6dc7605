"""An `MLmodel` file: what MLflow says of a saved model.

Format: https://mlflow.org/docs/latest/ml/model/#storage-format, signatures: https://mlflow.org/docs/latest/ml/model/signatures/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from checks import limits
from checks.evidence.documents import parse_json, parse_yaml
from checks.evidence.mlflow.artifacts import Artifacts
from checks.expect import Failure

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
    """A saved model. `input_example` is a file beside the MLmodel that exists; `size` is in bytes, as MLflow noted it."""

    artifacts: Artifacts
    flavors: Mapping[str, Mapping[str, Any]]
    signature: Signature | None
    input_example: str | None
    run_id: str | None
    model_id: str | None
    model_uuid: str | None
    mlflow_version: str | None
    created: str | None
    size: int | None

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


def read_model(artifacts: Artifacts) -> Model | None:
    """The model in a folder, or None where it holds no MLmodel. Raises Failure where that is malformed."""
    if not artifacts.is_file(MLMODEL):
        return None
    where = f"{artifacts.folder}/{MLMODEL}"
    document = parse_yaml(artifacts.read(MLMODEL, limits.TEXT_BYTES), where)
    flavors = document.get("flavors") if isinstance(document, dict) else None
    if not isinstance(flavors, dict) or not all(
        isinstance(name, str) and isinstance(flavor, dict) for name, flavor in flavors.items()
    ):
        raise _malformed(where, "no mapping `flavors`")
    size = document.get("model_size_bytes")
    return Model(
        artifacts=artifacts,
        flavors=MappingProxyType({name: MappingProxyType(flavor) for name, flavor in flavors.items()}),
        signature=_signature(document.get("signature"), where),
        input_example=_example(document.get("saved_input_example_info"), artifacts),
        run_id=_text(document, "run_id"),
        model_id=_text(document, "model_id"),
        model_uuid=_text(document, "model_uuid"),
        mlflow_version=_text(document, "mlflow_version"),
        created=_text(document, "utc_time_created"),
        size=size if isinstance(size, int) else None,
    )


def _text(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    # YAML reads `utc_time_created: 2026-11-24 19:00:00` as a time where it is not quoted.
    return None if value is None or isinstance(value, dict | list) else str(value)


def _example(info: object, artifacts: Artifacts) -> str | None:
    path = info.get("artifact_path") if isinstance(info, dict) else None
    return path if isinstance(path, str) and artifacts.is_file(path) else None


def _signature(value: object, where: str) -> Signature | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _malformed(where, "a `signature` that is no mapping")
    inputs, outputs = (_columns(value.get(key), f"{where}: signature, {key}") for key in ("inputs", "outputs"))
    if not inputs and not outputs and not value.get("params"):
        return None
    return Signature(inputs, outputs)


def _columns(text: object, where: str) -> tuple[Column, ...]:
    """The columns of one side: a JSON list in a text."""
    if text is None:
        return ()
    columns = parse_json(text.encode(errors="replace"), where) if isinstance(text, str) else None
    if not isinstance(columns, list) or len(columns) > limits.MLFLOW_COLUMNS:
        raise _malformed(where, "no JSON list of columns")
    return tuple(_column(column, where) for column in columns)


def _column(column: object, where: str) -> Column:
    if not isinstance(column, dict) or not isinstance(column.get("type"), str):
        raise _malformed(where, "a column without a `type`")
    name, kind, tensor = column.get("name"), column["type"], column.get("tensor-spec")
    if kind == "tensor" and isinstance(tensor, dict):
        kind = f"tensor({str(tensor.get('dtype'))[:40]})"
    # Before MLflow 2.6 a column said `optional` in place of `required`.
    required = column.get("required", not column.get("optional", False))
    return Column(None if name is None else str(name)[:1_000], kind, bool(required))


def _malformed(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where, expected="a model as MLflow writes it", found=found, fix="(log the model in a new run)"
    )
