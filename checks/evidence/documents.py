"""YAML, JSON and TOML from a stranger, parsed within limits. A malformed document is a `Failure` that names it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, ClassVar

import yaml

from checks import limits
from checks.expect import Failure

_INDENT = re.compile(rb" *(?:[-?:] +)*")
_SHALLOW = 8
_LONG = re.compile(rb"[ ?:-]{%d,}" % _SHALLOW)
"""What an indent of so many columns is a part of."""
_ALIAS = re.compile(rb"(?:\A|[^\w.'\"<>=~^/*)-])\*")
"""Where an alias may be: a `*` that stands in a word, as in the version `3.11.*`, is none."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ERRORS = (yaml.YAMLError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError, RecursionError)
"""What PyYAML raises on a malformed document: `!!int ''`, `!!bool x` and `!!timestamp x` end in errors of Python."""
_NUMBER_LENGTH = 400
_KEY_PARTS = 100


class _Loader(yaml.CSafeLoader):
    """The safe loader without long numbers: YAML 1.1 knows base 60 (`1:30:00`), and PyYAML takes n² steps for it."""

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        return super().construct_yaml_int(_short(node))

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        return super().construct_yaml_float(_short(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


class _Loader12(_Loader):
    """YAML 1.2 as ruamel.yaml reads it, which is what DVC uses; see `ruamel/yaml/resolver.py`."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        text = _short(node).value.replace("_", "")
        bare = text.lstrip("+-")
        base = {"0b": 2, "0o": 8, "0x": 16}.get(bare[:2], 10)
        return (-1 if text.startswith("-") else 1) * int(bare if base == 10 else bare[2:], base)


for _tag, _pattern, _first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    (
        "float",
        (
            r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
            r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        "-+0123456789.",
    ),
    ("int", r"(?:[-+]?0b[01_]+|[-+]?0o[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)\Z", "-+0123456789"),
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("merge", r"<<\Z", "<"),
):
    _Loader12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
_Loader12.add_constructor("tag:yaml.org,2002:int", _Loader12.construct_yaml_int)


def _short(node: yaml.ScalarNode) -> yaml.ScalarNode:
    if len(node.value) > _NUMBER_LENGTH:
        raise yaml.MarkedYAMLError(problem="a number without an end", problem_mark=node.start_mark)
    return node


def parse_yaml(data: bytes, where: str) -> Any:
    """The one document in `data`, made of plain values only (YAML 1.1, as PyYAML's safe loader reads it)."""
    return _load(data, where, _Loader)


def parse_yaml_12(data: bytes, where: str) -> Any:
    """The one document in `data` as YAML 1.2, which DVC reads and writes: `on` and `12:30` are text, `1e-3` a number."""
    return _load(data, where, _Loader12)


def parse_yaml_text(data: bytes, where: str) -> Any:
    """The one document in `data`, every scalar as the text that was written.

    For files of tools that write YAML 1.2, in which an unquoted `on`, `no` or `12:30` is text.
    """
    return _load(data, where, yaml.CBaseLoader)


def _load(data: bytes, where: str, loader: type[yaml.CBaseLoader | yaml.CSafeLoader]) -> Any:
    try:
        if data.startswith(_UTF16):
            data = data.decode("utf-16").encode()
        if _ALIAS.search(data) or _nesting(data) > limits.YAML_DEPTH:
            _measure(yaml.parse(data, Loader=loader))
        return yaml.load(data, Loader=loader)  # noqa: S506 - both loaders make plain values only
    except _ERRORS as error:
        raise _malformed(where, "a YAML document", _first_line(error)) from None


def parse_json(data: bytes, where: str) -> Any:
    """The JSON value in `data`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _malformed(where, "a JSON document", _first_line(error)) from None


def parse_toml(data: bytes, where: str) -> dict[str, Any]:
    """The TOML document in `data`, in UTF-8."""
    if any(line.count(b".") > _KEY_PARTS for line in data.splitlines()):
        # tomllib takes n² steps for a key of n parts.
        raise _malformed(where, "a TOML document", f"a line with more than {_KEY_PARTS} dots")
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
    """An upper bound of the document's depth, found without parsing: the composer recurses and would end the process.

    An opening bracket may open a pair too (`[a: [a:`), and each column may hold a mapping and a list.
    """
    flow = data.count(b"[") + data.count(b"{")
    block = max((len(indent) for long in _LONG.findall(data) for indent in _INDENT.findall(long)), default=0)
    return 2 * (flow + max(block, _SHALLOW) + 1)


def _measure(events: Iterator[yaml.Event]) -> None:
    """Walk the parser's events, which takes no recursion, and refuse what is too deep, endless or grows too far.

    The size is counted as if every alias were replaced by what it stands for.
    """
    weights: dict[str | None, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            _need(event.anchor in weights, "an alias for nothing, or for what it is a part of", event)
            total += weights[event.anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            weights.pop(event.anchor, None)
            open_nodes.append((event.anchor, total))
            total += 1
        elif isinstance(event, yaml.ScalarEvent):
            weights[event.anchor] = 1
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            weights[anchor] = total - before
        _need(len(open_nodes) <= limits.YAML_DEPTH, f"more than {limits.YAML_DEPTH} nested levels", event)
        _need(total <= limits.YAML_NODES, f"more than {limits.YAML_NODES:,} values, its aliases expanded", event)


def _need(holds: bool, problem: str, event: yaml.Event) -> None:
    if not holds:
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]
