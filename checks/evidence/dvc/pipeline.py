"""A `dvc.yaml`: the stages of a pipeline, `foreach` and `matrix` written out, and what stands beside them.

Format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import msgspec

from checks import limits
from checks.evidence.documents import convert, parse_yaml_12
from checks.evidence.dvc.parameters import DEFAULT, Context, parse_parameters
from checks.evidence.dvc.stage import Stage, parse_stage

Read = Callable[[str], bytes | None]
"""Gives the bytes of a file of the repository, or None."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One `dvc.yaml`. The metrics that it lists at its top are paths as they are written there, from its folder."""

    path: str
    stages: dict[str, Stage]
    metrics: tuple[str, ...]


_Vars = list[str | dict[Any, Any]]
"""Files (`file`, or `file:key,key`), and mappings."""


class _Document(msgspec.Struct):
    """The parts of a `dvc.yaml` that count."""

    stages: dict[Any, dict[Any, Any]] | None = None
    vars: _Vars | None = None
    metrics: list[str] | None = None


def parse_pipeline(data: bytes, path: str, read: Read) -> Pipeline:
    """The pipeline at `path` (from the repository's root); `read` gives the parameter files that it imports.

    Raises Malformed where DVC could not read it either, or beyond a limit.
    """
    document = convert(parse_yaml_12(data, path) or {}, _Document, path)
    folder = posixpath.dirname(path)
    context = Context(path)
    imported: set[str] = set()
    _load(context, [DEFAULT], folder, read, imported, optional=True)
    _load(context, document.vars or [], folder, read, imported)
    stages: dict[str, Stage] = {}
    for group, fields in (document.stages or {}).items():
        for name, template, inner in _expanded(str(group), fields, context):
            stages[name] = _stage(name, template, inner, path, read, imported)
            _need_few(len(stages), context)
    metrics = [context.resolve(entry) for entry in document.metrics or []]
    return Pipeline(path, stages, tuple(str(entry) for entry in metrics if entry))


def _stage(name: str, template: Any, context: Context, path: str, read: Read, imported: set[str]) -> Stage:
    fields = convert(template, dict[Any, Any], f"{path}: stage {name[:80]}")
    own = convert(fields.pop("vars", None) or [], _Vars, f"{path}: stage {name[:80]}")
    if own:
        context = context.copy()
        wdir = context.resolve(fields.get("wdir", "."))
        folder = posixpath.join(posixpath.dirname(path), str(wdir))
        _load(context, own, folder, read, set(imported))
    resolved = {key: context.resolve(value, str(key)) for key, value in fields.items()}
    return parse_stage(name, resolved, path, frozenset(context.used))


def _expanded(group: str, fields: dict[str, Any], context: Context) -> Iterator[tuple[str, Any, Context]]:
    """The stages that one entry stands for: itself, or those of its `foreach` or `matrix`."""
    if "foreach" in fields:
        items = context.copy().resolve(fields["foreach"], "foreach")
        for key, values in _each(items, context):
            yield f"{group}@{key}", fields.get("do"), context.with_iteration(values)
    elif "matrix" in fields:
        axes = context.copy().resolve(fields["matrix"], "matrix")
        template = {key: value for key, value in fields.items() if key != "matrix"}
        for key, values in _combinations(axes, context):
            yield f"{group}@{key}", template, context.with_iteration(values)
    else:
        yield group, fields, context.copy()


def _each(items: Any, context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(items, dict):
        _need_few(len(items), context)
        for key, item in items.items():
            yield _name(key), {"item": item, "key": _name(key)}
    elif isinstance(items, list):
        _need_few(len(items), context)
        by_index = any(isinstance(item, (dict, list)) for item in items)
        for index, item in enumerate(items):
            yield (str(index) if by_index else _name(item)), {"item": item}
    else:
        raise context.fault("a `foreach` over something that is neither a list nor a mapping")


def _combinations(axes: Any, context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(axes, dict) or not all(isinstance(values, list) for values in axes.values()):
        raise context.fault("a `matrix` that is no mapping of lists")
    _need_few(prod(len(values) for values in axes.values()), context)
    for combination in product(*(enumerate(values) for values in axes.values())):
        named = dict(zip(map(str, axes), combination, strict=True))
        key = "-".join(
            f"{axis}{index}" if isinstance(value, (dict, list)) else _name(value)
            for axis, (index, value) in named.items()
        )
        yield key, {"key": key, "item": {axis: value for axis, (_, value) in named.items()}}


def _name(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _need_few(count: int, context: Context) -> None:
    if count > limits.STAGES:
        raise context.fault(f"more than {limits.STAGES:,} stages, its loops written out")


def _load(
    context: Context, entries: _Vars, folder: str, read: Read, imported: set[str], *, optional: bool = False
) -> None:
    """Add the values that a list of `vars` defines."""
    for entry in entries:
        if isinstance(entry, dict):
            context.merge(entry)
            continue
        name, _, selected = entry.partition(":")
        path = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))
        if path in imported and not selected:
            continue
        if path.startswith(("../", "/")):
            raise context.fault(f"`vars: {entry[:60]}`, which is outside of the repository")
        data = read(path)
        if data is None:
            if optional:
                continue
            raise context.fault(f"`vars: {entry[:60]}`, and there is no such file")
        values = parse_parameters(data, path)
        keys = [key for key in selected.split(",") if key]
        missing = [key for key in keys if key not in values]
        if missing:
            raise context.fault(f"`vars: {entry[:60]}`, and {path} has no {missing[0]}")
        imported.add(path)
        context.merge({key: values[key] for key in keys} if keys else values, path)
