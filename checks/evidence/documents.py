"""YAML, JSON and TOML from a stranger, parsed within limits; and one way to hold a document against its model.

A parser makes plain values of bytes, `convert` makes of them what a reader works with. A malformed document is
`Malformed`, which names the file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

import msgspec
import yaml

from checks import limits
from checks.expect import Malformed

T = TypeVar("T")
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
        raise Malformed(where, f"no valid YAML: {_first_line(error)}") from None


def parse_json(data: bytes, where: str) -> Any:
    """The JSON value in `data`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed(where, f"no valid JSON: {_first_line(error)}") from None


def parse_toml(data: bytes, where: str) -> dict[str, Any]:
    """The TOML document in `data`, in UTF-8."""
    if any(line.count(b".") > _KEY_PARTS for line in data.splitlines()):
        # tomllib takes n² steps for a key of n parts.
        raise Malformed(where, f"no TOML that is read: a line with more than {_KEY_PARTS} dots")
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise Malformed(where, f"no valid TOML: {_first_line(error)}") from None


def convert(document: object, model: type[T], where: str, *, strict: bool = True) -> T:
    """A parsed document as its model: a `msgspec.Struct`, or a type such as `dict[str, str]`.

    Raises Malformed, which names `where`, the key and its fault: "a text at `outs[0].size`, where a whole number
    belongs". `*` in a key stands for any name in a mapping. Keys that the model does not name are passed over, unless it
    forbids them. `strict=False` takes the text "12" for a number, for scalars of `parse_yaml_text`.

        class Output(msgspec.Struct, frozen=True):
            path: str
            md5: str | None = None

        class Pointer(msgspec.Struct, frozen=True, rename="kebab"):
            outs: Annotated[list[Output], msgspec.Meta(min_length=1)]

        pointer = convert(parse_yaml(data, where), Pointer, where)
    """
    try:
        return msgspec.convert(document, model, strict=strict)
    except msgspec.ValidationError as error:
        raise Malformed(where, _sentence(str(error))) from None
    except RecursionError:
        raise Malformed(where, "values that are nested too deep") from None


_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "datetime": "a time",
    "date": "a date",
}
"""msgspec's words for types, and a learner's."""
_UNQUOTED = ("int", "float", "bool", "datetime", "date")
_PLACE = re.compile(r"(?P<fault>.*?)(?: - at (?P<key>`key` in )?`\$\.?(?P<path>.*)`)?\Z", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]*)`(?P<more>[^,]*)(?:, got `(?P<given>[^`]*)`)?\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z")
_LACKS = re.compile(r"Object missing required field `(?P<name>.*)`\Z")


def _sentence(message: str) -> str:
    """A message of msgspec as a learner reads it: "Expected `int`, got `str` - at `$.outs[0].size`"."""
    place = _PLACE.match(message)
    fault, path = (place["fault"], place["path"] or "") if place else (message, "")
    path = path.replace("[...]", ".*").lstrip(".")
    at = f" at `{path}`" if path else ""
    if unknown := _UNKNOWN.match(fault):
        return f"an unknown key `{unknown['name']}`{at}"
    if lacks := _LACKS.match(fault):
        return f"no `{lacks['name']}`{at}"
    if expected := _EXPECTED.match(fault):
        wanted, given = (_words(expected[part] or "") for part in ("wanted", "given"))
        name = "a name" if place and place["key"] else given or "another value"
        among = f" among those{at}" if place and place["key"] else at
        quotes = ": write it in quotes" if wanted.startswith("a text") and expected["given"] in _UNQUOTED else ""
        return f"{name}{among}, where {wanted}{expected['more']} belongs{quotes}"
    return f"{fault[:1].lower()}{fault[1:]}{at}"


def _words(types: str) -> str:
    return " or ".join(_TYPES.get(kind, kind) for kind in types.split(" | ")) if types else ""


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
