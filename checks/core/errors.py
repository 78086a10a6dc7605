"""Errors of a course, and of calls that name its parts."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CourseError(Exception):
    """The course folder is malformed. The message names the file and the fact."""


class UnknownNameError(Exception):
    """A task, step or mistake that does not exist was asked for. The message names the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        choices = list(known)
        near = get_close_matches(name, choices, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(choices) or 'none'}."
        super().__init__(f"there is no {what} {name!r}. {hint}")
