"""Assertions on the files that two runs of the image wrote. Each raises `Failure`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks import Workspace, expect
from checks.assertions import rebuilt
from checks.evidence.documents import parse_json
from checks.evidence.files import Kind

_NAMES = 8
_NAME_LENGTH = 40


def same_bytes(work: Workspace, first: str, second: str, *, run: str, mend: str, of: str = "") -> None:
    """Two files of the task folder are the same, byte for byte, and not empty.

    `run` makes them where they are missing, `mend` removes what makes them differ, `of` says where they come from.
    """
    for number, path in enumerate((first, second), 1):
        kind = work.files.kind(work.path(path))
        about = expect.Subject(f"{of}{path}", run)
        found = "no such file" if kind is Kind.MISSING else "an empty file" if kind is Kind.FILE else str(kind)
        about.that(kind is Kind.FILE and work.files.size(work.path(path)), f"what run {number} wrote", found)
    one, other = (work.files.hash(work.path(path)) for path in (first, second))
    if one != other:
        differing = _differing(work, first, second) if first.endswith(".json") else ""
        about = expect.Subject(f"{of}{first} and {second}", mend)
        about.fail("the same bytes", f"md5 {one.md5} and md5 {other.md5}{differing}")


def as_committed(
    committed: Any,
    made: Any,
    *,
    exactly: Sequence[str],
    equal: Mapping[str, str],
    where: str,
    why: str | None,
    fix: str,
) -> None:
    """Two runs from the commit, which agree, give the committed JSON object: its numbers, and its texts `exactly`.

    `equal` are texts that mean another one. `why` is what is known of the reason, should they differ.
    """
    for name, value in committed.items() if isinstance(committed, dict) else ():
        other: Any = made.get(name) if isinstance(made, dict) else None
        if _number(value):
            agrees = _number(other) and rebuilt.same(float(value), float(other))
        else:
            agrees = name not in exactly or equal.get(str(value), value) == equal.get(str(other), other)
        about = expect.Subject(f"{name} in {where}, and in two runs of the image built from the commit", fix)
        found = f"{where} in your commit says {_told(name, value)}, both runs {_told(name, other)}: " + (
            why or "it was typed in, or written by an image with another train.py than the committed one"
        )
        about.that(agrees, "the same", found)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told(name: str, value: Any) -> str:
    return f"{name} {value}"[:80] if value is not None else f"no {name}"[:80]


def begins_like(work: Workspace, path: str, magic: tuple[bytes, ...], *, run: str) -> None:
    """A file begins as one of its kind does. It is not opened by what could run it."""
    with work.files.open(work.path(path), work.files.size(work.path(path))) as file:
        begin = file.read(8)
    about = expect.Subject(path, run)
    about.that(begin.startswith(magic), "the model that the training pickles", f"a file that begins with {begin!r}")


def _differing(work: Workspace, first: str, second: str) -> str:
    """The values of two JSON objects that differ, by name."""
    one, other = (parse_json(work.files.read(work.path(path)), path) for path in (first, second))
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ""
    names = [str(name)[:_NAME_LENGTH] for name in one if one[name] != other.get(name)]
    return f": they differ in {', '.join(names[:_NAMES])}" if names else ""
