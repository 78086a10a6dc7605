"""Requests to a served model and its answers, as `mlflow/pyfunc/scoring_server` reads and writes them.

Format: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from checks.evidence.mlflow.mlmodel import Column

Rows = list[dict[str, Any]]
BODIES = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of a request, of which it has one."""
_NUMBERS = frozenset({"double", "float", "integer", "long"})


def request_rows(key: str, body: object) -> Rows:
    """The rows of a request by the names of their columns, from the body below one of its keys; none where it is not that form."""
    if key == "dataframe_split":
        return _split(body)
    if isinstance(body, list):
        return body if all(isinstance(row, dict) for row in body) else []
    if not isinstance(body, dict) or key == "dataframe_records":
        return []
    lists = [values for values in body.values() if isinstance(values, list)]
    if not lists:
        return [body]
    same = len(lists) == len(body) and len({len(values) for values in lists}) == 1
    return [dict(zip(body, values, strict=True)) for values in zip(*lists, strict=True)] if same else []


def _split(body: object) -> Rows:
    columns, data = (body.get("columns"), body.get("data")) if isinstance(body, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(data, list):
        return []
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return []
    return [dict(zip(map(str, columns), row, strict=True)) for row in data]


def predicted_numbers(response: object) -> list[float] | None:
    """The numbers of a server's answer; None where it is no list of finite numbers."""
    listed = predictions(response)
    found = [number for value in listed or () if (number := as_number(value)) is not None]
    return found if listed is not None and len(found) == len(listed) else None


def predictions(response: object) -> list[Any] | None:
    """The list of predictions in a server's answer, of any type; None where there is no list."""
    listed = response.get("predictions") if isinstance(response, dict) else response
    return listed if isinstance(listed, list) else None


def as_number(value: object) -> float | None:
    """A prediction: a number, alone or as the one value of a row."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # a whole number of hundreds of digits
        return None


def fits(column: Column, value: object) -> bool:
    """Whether the scoring server takes this value for the column. Types that it converts by rules of its own, it takes."""
    if value is None:
        return not column.required or column.type in ("double", "float")
    if column.type in _NUMBERS:
        return isinstance(value, int | float)
    if column.type == "string":
        return isinstance(value, str)
    return True
