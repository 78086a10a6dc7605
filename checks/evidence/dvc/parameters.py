"""Parameter files: YAML, JSON or TOML, and the values that a stage's `params` name in them.

Format: https://doc.dvc.org/command-reference/params. DVC reads Python files too; they are code, and not read here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checks import limits
from checks.evidence.documents import parse_json, parse_toml, parse_yaml_12
from checks.expect import Failure, Unavailable

DEFAULT = "params.yaml"
MISSING = object()
"""What `select` gives where a key is not there: None is a value."""
_PYTHON = ".py"
_Parser = Callable[[bytes, str], Any]
_PARSERS: dict[str, _Parser] = {".json": parse_json, ".toml": parse_toml}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a stage uses: its file, its dotted key, its value."""

    path: str
    key: str
    value: Any


def parse_parameters(data: bytes, where: str) -> dict[str, Any]:
    """The values in a parameter file; its suffix tells the format, and YAML is the default.

    Raises Failure where it is malformed, and Unavailable for a Python file.
    """
    suffix = posixpath.splitext(where)[1].lower()
    if suffix == _PYTHON:
        raise Unavailable(f"{where} is Python: parameters in YAML, JSON or TOML can be read without running them")
    values = _PARSERS.get(suffix, parse_yaml_12)(data, where)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Failure(where, "names and values of parameters", f"a {type(values).__name__}", f"mend or restore {where}")
    return values


def select(values: Any, key: str) -> Any:
    """The value at a dotted key (`train.depth`, `layers.0`), or MISSING."""
    for part in key.split("."):
        if isinstance(values, dict):
            found = values.get(part, MISSING)
            if found is MISSING:
                return MISSING
            values = found
        elif isinstance(values, list) and part.isdecimal() and len(part) < 9 and int(part) < len(values):
            values = values[int(part)]
        else:
            return MISSING
    return values


def leaves(values: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, with its dotted key."""
    if not isinstance(values, dict) or depth > limits.YAML_DEPTH:
        yield prefix, values
        return
    for key, value in values.items():
        yield from leaves(value, f"{prefix}.{key}" if prefix else str(key), depth + 1)
