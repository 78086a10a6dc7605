"""YAML, JSON and TOML from a stranger, parsed within limits. A malformed document is a `Failure` that names it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

from checks import limits
from checks.expect import Failure

_INDENT = re.compile(rb"^[ ]*(?:[-?:][ ]+)*", re.MULTILINE)


def parse_yaml(data: bytes, where: str) -> Any:
    """The one document in `data`, made of plain values only (YAML 1.1, as PyYAML's safe loader reads it)."""
    if _nesting(data) > limits.YAML_DEPTH:
        raise _malformed(where, "a YAML document", f"more than {limits.YAML_DEPTH} nested levels")
    try:
        if b"*" in data and _expanded(data) > limits.YAML_NODES:
            raise _malformed(where, "a YAML document", f"aliases that expand to more than {limits.YAML_NODES:,} values")
        return yaml.load(data, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _malformed(where, "a YAML document", _first_line(error)) from None


def parse_json(data: bytes, where: str) -> Any:
    """The JSON value in `data`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _malformed(where, "a JSON document", _first_line(error)) from None


def parse_toml(data: bytes, where: str) -> dict[str, Any]:
    """The TOML document in `data`, in UTF-8."""
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise _malformed(where, "a TOML document", _first_line(error)) from None


def _malformed(where: str, expected: str, found: str) -> Failure:
    return Failure(looked_at=where, expected=expected, found=found, fix=f"mend or restore {where}")


def _first_line(error: BaseException) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark
        place = f" (line {mark.line + 1})" if mark else ""
        return f"{error.problem or error.context or 'not YAML'}{place}"
    return str(error).partition("\n")[0] or type(error).__name__


def _nesting(data: bytes) -> int:
    """An upper bound of the document's depth, found without parsing: the parser's own stack is what we protect.

    Brackets are counted in quoted text and comments too, which only makes the bound larger.
    """
    flow = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", data):
        if bracket in b"[{":
            flow += 1
            deepest = max(deepest, flow)
        elif flow:
            flow -= 1
    block = max((len(match) // 2 for match in _INDENT.findall(data)), default=0)
    return deepest + block


def _expanded(data: bytes) -> int:
    """How many nodes the document has once every alias is replaced by what it stands for."""
    weights: dict[str, int] = {}
    return _weigh(iter(yaml.parse(data, Loader=yaml.CSafeLoader)), weights)


def _weigh(events: Iterator[yaml.Event], weights: dict[str, int]) -> int:
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in events:
        weight = 0
        if isinstance(event, yaml.AliasEvent):
            weight = weights.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            weight = 1
            if event.anchor:
                weights[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            weight = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                weights[anchor] = total - before
        total += weight
        if total > limits.YAML_NODES:
            return total
    return total
