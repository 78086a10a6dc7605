"""An image: its configuration, the layers it is made of, and the history of its making, wherever that was read.

Fields: https://github.com/opencontainers/image-spec/blob/main/config.md and, as the engine tells them,
https://docs.docker.com/reference/api/engine/ (ImageInspect, ImageHistory).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks import limits
from checks.expect import Malformed

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Layer:
    """One entry of the history, the oldest first. `created_by` is what the builder wrote down of the instruction.

    `empty` says whether it changed no file; None where that is not told.
    """

    created_by: str
    empty: bool | None


@dataclass(frozen=True, slots=True)
class Image:
    """One image. `where` says where it was read, in a learner's words; `id` is its `sha256:` digest.

    `cmd` and `entrypoint` are empty where there is none. `layers` are the digests of its files' layers, the base's
    first. `created` is the builder's own time stamp, in the words of RFC 3339.
    """

    where: str
    id: str
    names: tuple[str, ...]
    user: str
    workdir: str
    cmd: tuple[str, ...]
    entrypoint: tuple[str, ...]
    env: Mapping[str, str]
    labels: Mapping[str, str]
    layers: tuple[str, ...]
    history: tuple[Layer, ...]
    created: str


class Document:
    """A JSON object of which every value is asked for with its kind. What is not of that kind is Malformed."""

    def __init__(self, value: object, where: str) -> None:
        self._where = where
        if not isinstance(value, dict):
            raise self.wrong("a JSON object", "something else")
        self._value: dict[str, Any] = value

    def wrong(self, expected: str, found: str) -> Malformed:
        """This document is malformed: `found` in place of `expected`."""
        return Malformed(self._where, f"{found}, in place of {expected}")

    def text(self, key: str) -> str:
        """A text; empty where there is none."""
        value = self._value.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(f"`{key}` as text", "something else")
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        value = self._value.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(f"`{key}` as a list of texts", "something else")
        if len(value) > limits.IMAGE_ENTRIES:
            raise self.wrong(f"at most {limits.IMAGE_ENTRIES:,} values of `{key}`", f"{len(value):,}")
        return tuple(value)

    def labels(self, key: str) -> dict[str, str]:
        """A mapping of texts to texts; empty where there is none."""
        value = self._value.get(key) or {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(f"`{key}` as texts by name", "something else")
        return dict(value)

    def inner(self, key: str) -> Document:
        """An object; an empty one where there is none."""
        return Document(self._value.get(key) or {}, self._where)

    def entries(self, key: str) -> list[Document]:
        """A list of objects; empty where there is none."""
        value = self._value.get(key) or []
        if not isinstance(value, list) or len(value) > limits.IMAGE_ENTRIES:
            raise self.wrong(f"`{key}` as a list of at most {limits.IMAGE_ENTRIES:,} objects", "something else")
        return [Document(item, self._where) for item in value]

    def value(self, key: str) -> object:
        """Whatever is there."""
        return self._value.get(key)

    def flag(self, key: str) -> bool:
        """Whether something is true."""
        return self._value.get(key) is True

    def digests(self, key: str) -> tuple[str, ...]:
        """A list of `sha256:` digests that is not empty."""
        values = self.texts(key)
        if not values or not all(_DIGEST.match(value) for value in values):
            raise self.wrong(f"`{key}`: the sha256 digests of the layers", "none, or something else")
        return values


def image_of(
    where: str,
    digest: str,
    names: tuple[str, ...],
    config: Document,
    *,
    layers: tuple[str, ...],
    history: tuple[Layer, ...],
    created: str,
) -> Image:
    """An image from its parts; `config` is the object that the specification calls so. Raises Malformed."""
    if not _DIGEST.match(digest):
        raise config.wrong("the image's id: sha256: and 64 hexadecimal digits", digest[:80] or "none")
    making = sum(layer.empty is False for layer in history)
    if making > len(layers) or len(layers) > len(history):
        raise config.wrong(f"a history of {len(layers)} layers", f"{len(history)} entries, {making} of them with files")
    return Image(
        where=where,
        id=digest,
        names=names,
        user=config.text("User"),
        workdir=config.text("WorkingDir"),
        cmd=config.texts("Cmd"),
        entrypoint=config.texts("Entrypoint"),
        env=dict(entry.partition("=")[::2] for entry in config.texts("Env")),
        labels=config.labels("Labels"),
        layers=layers,
        history=history,
        created=created,
    )
