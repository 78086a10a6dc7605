"""Assertions over a kept answer of a served model: a request that its signature takes, and a plausible answer for it.

Formats: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/, as `mlflow/pyfunc/scoring_server` reads them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from checks import expect
from checks.evidence.documents import parse_json

if TYPE_CHECKING:
    from checks.core.workspace import Workspace
    from checks.evidence.mlflow.mlmodel import Column, Model

Rows = list[dict[str, Any]]

_NUMBERS = frozenset({"double", "float", "integer", "long"})
_BODIES = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of a request, of which it has one."""


class Kept:
    """A committed file with a request and the answer to it: `{"request": {...}, "response": {"predictions": [...]}}`."""

    def __init__(self, work: Workspace, name: str, fix: str) -> None:
        self.name = name
        self.fix = fix
        path = work.path(name)
        content = work.snapshot.read(path)
        if content is None:
            there = work.files.is_file(path)
            expect.fail(
                looked_at=f"{name} in the last commit of {work.branch}",
                expected="a request and the answer of the served champion",
                found="it is there, but not committed" if there else "no such file",
                fix=f'git add {name}\ngit commit -m "Ask the served champion"' if there else fix,
            )
        document = parse_json(content, name)
        self.document = document if isinstance(document, dict) else {}
        for key in ("request", "response"):
            if key not in self.document:
                self.fail("", 'an object with "request" and "response"', f"no {key!r}")

    def fail(self, part: str, expected: str, found: str) -> NoReturn:
        """End the step as failed at a part of the file."""
        expect.fail(looked_at=f"{self.name}{part and ': '}{part}", expected=expected, found=found[:300], fix=self.fix)

    def rows(self) -> Rows:
        """The rows of the request, each by the names of its columns."""
        request = self.document["request"]
        keys = [key for key in _BODIES if isinstance(request, dict) and key in request]
        if len(keys) != 1:
            self.fail("request", f"one of {', '.join(_BODIES)}", f"{len(keys)} of them")
        rows = _rows(keys[0], request[keys[0]])
        if not rows:
            self.fail("request", "one row or more, each with the names of its columns", f"none in {keys[0]}")
        return rows

    def predictions(self) -> list[float]:
        """The answer's numbers, one for each row."""
        response = self.document["response"]
        found = numbers(response)
        if found is None:
            listed = _listed(response)
            if listed is None:
                self.fail("response", '{"predictions": [...]} as the server answers', "no list of predictions")
            strange = next(value for value in listed if _number(value) is None)
            self.fail("response", "finite numbers", repr(strange)[:80])
        return found


def numbers(response: object) -> list[float] | None:
    """The numbers of a server's answer; None where it is no list of finite numbers."""
    listed = _listed(response)
    found = [] if listed is None else [number for value in listed if (number := _number(value)) is not None]
    return found if listed is not None and len(found) == len(listed) else None


def _listed(response: object) -> list[Any] | None:
    """The predictions of a server's answer, whatever they are."""
    listed = response.get("predictions") if isinstance(response, dict) else response
    return listed if isinstance(listed, list) else None


def fits(kept: Kept, model: Model) -> Rows:
    """The request's rows, which hold every column that the model's signature asks for, with values of its types."""
    if model.signature is None or not model.signature.inputs:
        kept.fail("request", "a champion whose signature says which columns it takes", "a model without a signature")
    columns = [column for column in model.signature.inputs if column.name]
    rows = kept.rows()
    names = {column.name for column in columns if column.required}
    for number, row in enumerate(rows, start=1):
        lacking = sorted(str(name) for name in names - row.keys())
        if lacking:
            kept.fail(
                f"row {number} of the request",
                f"the columns of the champion's signature: {', '.join(str(column.name) for column in columns)}",
                f"no {', '.join(lacking)}",
            )
        for column in columns:
            if column.name in row and not _is_of(column, row[column.name]):
                kept.fail(
                    f"row {number} of the request",
                    f"a {column.type} in {column.name}, as the champion's signature says",
                    repr(row[column.name])[:80],
                )
    return rows


def answers(kept: Kept, rows: Rows, low: float, high: float) -> None:
    """There is a prediction for each row, in the range of what can be.

    Rows that differ in half of their columns or more do not all have one prediction: a tree may well give the same for
    two rows that are near to each other.
    """
    numbers = kept.predictions()
    if len(numbers) != len(rows):
        kept.fail("response", f"{len(rows)} predictions, one for each row", f"{len(numbers)} of them")
    for number in numbers:
        if not low <= number <= high:
            kept.fail("response", f"rentals an hour, between {low:.0f} and {high:.0f} in your city", f"{number:g}")
    first, *others = rows
    far = any(2 * sum(value != row.get(name) for name, value in first.items()) >= len(first) for row in others)
    if far and len(set(numbers)) == 1:
        kept.fail(
            "response",
            "different predictions for rows that differ in most columns",
            f"{numbers[0]:g} for each of {len(rows)} rows",
        )


def refused(kept: Kept) -> None:
    """Where a malformed request was kept too, the server answered it with a status of 400 to 499."""
    malformed = kept.document.get("malformed")
    if malformed is None:
        return
    status = malformed.get("status") if isinstance(malformed, dict) else None
    if not isinstance(status, int) or not 400 <= status < 500:
        kept.fail("malformed", '"status": 400 to 499, as the server refuses it', f"status {status!r}")


def _rows(key: str, body: object) -> Rows:
    """The rows of one of the forms of a request; none where it is not that form."""
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


def _number(value: object) -> float | None:
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


def _is_of(column: Column, value: object) -> bool:
    """Whether the scoring server takes this value for the column. Types that it converts by rules of its own, it takes."""
    if value is None:
        return not column.required or column.type in ("double", "float")
    if column.type in _NUMBERS:
        return isinstance(value, int | float)
    if column.type == "string":
        return isinstance(value, str)
    return True
