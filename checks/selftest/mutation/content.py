"""A change of one artifact, and every change of a file's content: of any file, and of formats that steps read."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import yaml

Changed = tuple[str, bytes | None]
"""The name of a change, and the content after it: None where the file is gone."""
_KEYS = 12
"""Keys of a document and columns of a table that are changed, each alone."""
_RECORDS = "conda-meta"
"""A folder of records with hundreds of keys that belong to conda alone: a record is changed as a whole."""
_OF_THIS_MACHINE = ("MLmodel", "mlflow.db")
"""Files that hold paths and times of this machine, so that the same place in them is another one each time."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`artifact` is a path in the clone with `/`, or `tag NAME`, or `PATH:TABLE`. `change` names the change."""

    artifact: str
    change: str
    applied: Callable[[], AbstractContextManager[None]]
    """The change holds inside this context, and is taken back at its end."""

    @property
    def name(self) -> str:
        """Both, as a survivor is listed."""
        return f"{self.artifact}: {self.change}"


@contextmanager
def replaced(path: Path, content: bytes | None) -> Iterator[None]:
    """Another content in place of a file's, or no file at all, in here.

    The file itself is moved out of the clone, where no check sees it, and back: its other names, as hard links, keep
    what they have.
    """
    with TemporaryDirectory(prefix="mlsd-kept-") as folder:
        kept = shutil.move(path, folder)
        try:
            if content is not None:
                path.write_bytes(content)
            yield
        finally:
            path.unlink(missing_ok=True)
            shutil.move(kept, path)


def changes(path: str, content: bytes) -> Iterator[Changed]:
    """Every change of a file's content. Of a script, which a step reads as a whole or runs, only that it is gone."""
    yield "dropped", None
    name = PurePosixPath(path)
    if name.suffix == ".py" or not content:
        return
    yield "emptied", b""
    if name.name in _OF_THIS_MACHINE:
        return
    middle = len(content) // 2
    yield "cut in half", content[:middle]
    kind = None if name.parent.name == _RECORDS else _KINDS.get(name.suffix)
    if kind is not None:
        yield from kind(content)
    else:
        yield "a byte flipped", content[:middle] + bytes([content[middle] ^ 0x01]) + content[middle + 1 :]


def _json(content: bytes) -> Iterator[Changed]:
    lines = content.splitlines()
    if len(lines) > 1 and all(line.startswith(b"{") for line in lines):  # an object a line, as Docker prints them
        for number, line in enumerate(lines[:_KEYS], start=1):
            yield f"without line {number}", b"\n".join([*lines[: number - 1], *lines[number:]])
            for what, document in _documents(json.loads(line)):
                changed = json.dumps(document).encode()
                yield f"line {number} {what}", b"\n".join([*lines[: number - 1], changed, *lines[number:]])
        return
    for what, document in _documents(json.loads(content)):
        yield what, json.dumps(document, indent=2).encode()


def _yaml(content: bytes) -> Iterator[Changed]:
    for what, document in _documents(yaml.safe_load(content)):
        yield what, yaml.safe_dump(document, sort_keys=False).encode()


def _documents(document: Any) -> Iterator[tuple[str, Any]]:
    """The document without each of its keys, and with each number in it another one, to a depth of three."""
    places = list(_places(document, ()))[: 2 * _KEYS]
    for place in places:
        copy, holder, key = _reached(document, place)
        dotted = ".".join(map(str, place))
        value = holder[key]
        del holder[key]
        yield f"without {dotted}", copy
        if isinstance(value, int | float) and not isinstance(value, bool):
            copy, holder, key = _reached(document, place)
            holder[key] = value + 1
            yield f"another number for {dotted}", copy


def _places(document: Any, above: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if len(above) == 3:
        return
    keys = (
        list(document)
        if isinstance(document, dict)
        else range(min(len(document), 2))
        if isinstance(document, list)
        else ()
    )
    for key in keys[:_KEYS]:
        yield (*above, key)
        yield from _places(document[key], (*above, key))


def _reached(document: Any, place: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """A copy of a document, what holds a place in it, and the key there."""
    copy = json.loads(json.dumps(document, default=str))
    holder = copy
    for key in place[:-1]:
        holder = holder[key]
    return copy, holder, place[-1]


def _csv(content: bytes) -> Iterator[Changed]:
    rows = list(csv.reader(io.StringIO(content.decode())))
    if len(rows) < 3:
        return
    for index, column in enumerate(rows[0][:_KEYS]):
        renamed = [*rows[0][:index], f"{column}_", *rows[0][index + 1 :]]
        yield f"column {column} renamed", _written([renamed, *rows[1:]])
    yield "the last row dropped", _written(rows[:-1])
    yield "two rows swapped", _written([*rows[:-2], rows[-1], rows[-2]])


def _written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


_KINDS: dict[str, Callable[[bytes], Iterator[Changed]]] = {
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".dvc": _yaml,
    ".lock": _yaml,
    ".csv": _csv,
}
