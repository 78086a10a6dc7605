"""Assertions over what two runs of the same thing wrote. Each raises `Failure`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks import expect
from checks.evidence.documents import parse_json
from checks.evidence.files import Kind

if TYPE_CHECKING:
    from checks.workspace import Workspace

_NAMES = 8
_NAME_LENGTH = 40


def same_bytes(work: Workspace, first: str, second: str, *, run: str, mend: str) -> None:
    """Two files of the task folder are the same, byte for byte, and not empty.

    `run` makes them where they are missing, `mend` removes what makes them differ.
    """
    for number, path in enumerate((first, second), 1):
        kind = work.files.kind(work.path(path))
        expect.that(
            kind is Kind.FILE and work.files.size(work.path(path)),
            looked_at=path,
            expected=f"what run {number} wrote",
            found="no such file" if kind is Kind.MISSING else "an empty file" if kind is Kind.FILE else str(kind),
            fix=run,
        )
    one, other = (work.files.hash(work.path(path)) for path in (first, second))
    if one != other:
        differing = _differing(work, first, second) if first.endswith(".json") else ""
        expect.fail(
            looked_at=f"{first} and {second}",
            expected="the same bytes",
            found=f"md5 {one.md5} and md5 {other.md5}{differing}",
            fix=mend,
        )


def begins_like(work: Workspace, path: str, magic: tuple[bytes, ...], *, run: str) -> None:
    """A file begins as one of its kind does. It is not opened by what could run it."""
    with work.files.open(work.path(path), work.files.size(work.path(path))) as file:
        begin = file.read(8)
    expect.that(
        begin.startswith(magic),
        looked_at=path,
        expected="the model that the training pickles",
        found=f"a file that begins with {begin!r}",
        fix=run,
    )


def _differing(work: Workspace, first: str, second: str) -> str:
    """The values of two JSON objects that differ, by name."""
    one, other = (parse_json(work.files.read(work.path(path)), path) for path in (first, second))
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ""
    names = [str(name)[:_NAME_LENGTH] for name in one if one[name] != other.get(name)]
    return f": they differ in {', '.join(names[:_NAMES])}" if names else ""
