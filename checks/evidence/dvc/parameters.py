"""Parameter files (YAML, JSON or TOML), the values that `params` name in them, and the templates that stand for some.

In `dvc.yaml`, `${model.depth}` stands for a value of `vars`, of a parameter file or of an iteration. Formats:
https://doc.dvc.org/command-reference/params, https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#templating
and DVC's `dvc/parsing`. DVC reads parameters in Python files too; they are code, and not read here.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks import limits
from checks.evidence.documents import convert, parse_json, parse_toml, parse_yaml_12
from checks.expect import Malformed, Unavailable

DEFAULT = "params.yaml"
_TEMPLATE = re.compile(r"(?<!\\)\$\{(?P<inner>.*?)}")
_EXPRESSION = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[^.\[\]]+])*\Z")
MISSING = object()
"""The result of `select` where a key is not there: None is a value."""
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

    Raises Malformed where it holds anything else than a mapping, and Unavailable for a Python file.
    """
    suffix = posixpath.splitext(where)[1].lower()
    if suffix == _PYTHON:
        raise Unavailable(f"{where} is Python: parameters in YAML, JSON or TOML can be read without running them")
    values = _PARSERS.get(suffix, parse_yaml_12)(data, where)
    found: dict[str, Any] = convert({} if values is None else values, dict[Any, Any], where)
    return found


def select(values: Any, key: str | Sequence[str]) -> Any:
    """The value at a dotted key (`model.depth`, `layers.0`), or at the parts of one, or MISSING."""
    for part in key.split(".") if isinstance(key, str) else key:
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


@dataclass
class Context:
    """The values that templates of one file may name, and which of them were used.

    `sources` tells for a top-level name the parameter files that it came from.
    """

    where: str
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    """Parameter file and dotted key of each value that was filled in."""
    spent: list[int] = field(default_factory=lambda: [0])
    """Characters that were filled in so far, shared by all contexts of a file."""

    def merge(self, values: dict[str, Any], source: str | None = None) -> None:
        """Add values. Raises Malformed where one would be defined twice, as DVC does."""
        self.values = self._merged(self.values, values, "", 0)
        if source:
            for key in values:
                self.sources.setdefault(str(key), set()).add(source)

    def _merged(self, into: dict[str, Any], values: dict[str, Any], prefix: str, depth: int) -> dict[str, Any]:
        merged = dict(into)
        for key, value in values.items():
            if not isinstance(key, str):
                continue  # DVC can't name such a key in a template either
            there = merged.get(key, MISSING)
            if isinstance(there, dict) and isinstance(value, dict) and depth < limits.YAML_DEPTH:
                merged[key] = self._merged(there, value, f"{prefix}{key}.", depth + 1)
            elif there is not MISSING:
                raise self.fault(f"`{prefix}{key}` is defined twice")
            else:
                merged[key] = value
        return merged

    def with_iteration(self, values: dict[str, Any]) -> Context:
        """The context inside one iteration: `item` and `key` stand before what they hide."""
        sources = {name: files for name, files in self.sources.items() if name not in values}
        return Context(self.where, {**self.values, **values}, sources, set(), self.spent)

    def copy(self) -> Context:
        """The same values, with their use counted anew."""
        sources = {name: set(files) for name, files in self.sources.items()}
        return Context(self.where, dict(self.values), sources, set(), self.spent)

    def resolve(self, data: Any, key: str = "", depth: int = 0) -> Any:
        """`data` with every template filled in. `key` is the field of the stage that it is in."""
        if depth > limits.YAML_DEPTH:
            raise self.fault(f"more than {limits.YAML_DEPTH} nested levels")
        if isinstance(data, dict):
            return {self.resolve(k, key, depth + 1): self.resolve(v, key, depth + 1) for k, v in data.items()}
        if isinstance(data, list):
            return [self.resolve(value, key, depth + 1) for value in data]
        return self._text(data, key) if isinstance(data, str) else data

    def _text(self, text: str, key: str) -> Any:
        matches = list(_TEMPLATE.finditer(text))
        if len(matches) == 1 and matches[0].group(0) == text:
            value = self._select(matches[0]["inner"])
            if isinstance(value, (dict, list)) and key not in {"foreach", "matrix"}:
                self._need_plain(value, key)
            return value if key != "cmd" or not isinstance(value, dict) else _arguments(value)
        parts, index = [], 0
        for match in matches:
            value = self._select(match["inner"])
            self._need_plain(value, key)
            parts += [text[index : match.start()], _written(value)]
            index = match.end()
        whole = "".join([*parts, text[index:]]).replace("\\${", "${")
        self.spent[0] += len(whole)
        if self.spent[0] > limits.STAGE_TEXT:
            raise self.fault(f"more than {limits.STAGE_TEXT:,} characters, its templates filled in")
        return whole

    def _need_plain(self, value: Any, key: str) -> None:
        if isinstance(value, list) or (isinstance(value, dict) and key != "cmd"):
            raise self.fault(f"a template that stands for a {type(value).__name__}, where a plain value is needed")

    def _select(self, inner: str) -> Any:
        if not _EXPRESSION.match(inner):
            raise self.fault(f"${{{inner[:60]}}}, which is no name of a value")
        path = [part.strip() for part in inner.replace("[", ".").replace("]", "").split(".")]
        value = select(self.values, path)
        if value is MISSING:
            raise self.fault(f"${{{inner[:60]}}}, which no `vars` and no parameter file defines")
        dotted = ".".join(path)
        for source in self.sources.get(path[0], ()):
            self.used.update((source, name) for name, _ in leaves(value, dotted))
        return value

    def fault(self, what: str) -> Malformed:
        """An error that names the file of the templates."""
        return Malformed(self.where, what)


def _written(value: Any) -> str:
    """A value inside a longer text. `True` is written as `true`."""
    if isinstance(value, dict):
        return _arguments(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _arguments(values: dict[str, Any]) -> str:
    """A mapping in `cmd` becomes options of the command line."""
    words: list[str] = []
    for key, value in leaves(values):
        if isinstance(value, bool):
            words += [f"--{key}"] if value else []
        elif isinstance(value, list):
            words += [f"--{key}", *(shlex.quote(v) if isinstance(v, str) else str(v) for v in value)] if value else []
        else:
            words += [f"--{key}", shlex.quote(value) if isinstance(value, str) else str(value)]
    return " ".join(words)
