"""Small assertion words for check authors. Each raises `Failure` with the four things a learner needs.

Pure: nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

T = TypeVar("T")
Fix = str | Callable[[], str]
"""The next thing to do, or a function that finds it out: most steps pass, and need none."""


@dataclass(eq=False, init=False)
class Failure(Exception):  # noqa: N818 - a verdict on the learner's state, not an error of the program
    """The learner's state is not what the step asks for."""

    looked_at: str
    """Where we looked: a file, a commit, a remote."""
    expected: str
    """The state that a finished step shows there."""
    found: str
    """The state that is there."""
    fix: str
    """The next command or the next thing to do."""

    def __init__(self, looked_at: str, expected: str, found: str, fix: Fix) -> None:
        super().__init__(looked_at, expected, found)
        self.looked_at, self.expected, self.found = looked_at, expected, found
        self.fix = fix if isinstance(fix, str) else fix()

    def mended_by(self, fix: Fix, *, looked_at: str | None = None) -> Failure:
        """The same failure with another fix, and where it is told otherwise, with what was looked at."""
        return Failure(looked_at or self.looked_at, self.expected, self.found, fix)

    def __str__(self) -> str:
        return f"looked at {self.looked_at}: expected {self.expected}, found {self.found}; next: {self.fix}"


class Malformed(Failure):
    """A reader can't make sense of a file, or it goes beyond a limit. A checker may add the commands that mend it: `mended_by`.

    `where` is the file as a path below the submission's root, with a line or key where it is known; `what` is the
    fault there.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            where, "a file that its tool can read", what, f"(mend {where}; where Git keeps it, commit it too)"
        )


@dataclass(eq=False)
class Unavailable(Exception):  # noqa: N818 - an outcome, not an error of the program
    """The evidence that a step needs can't be looked at here."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class NotJudged(Exception):  # noqa: N818 - an outcome, not an error of the program
    """We, or this machine, could not judge what can be judged: never a learner's zero, and worth another try."""


def fail(*, looked_at: str, expected: str, found: str, fix: Fix) -> NoReturn:
    """End the step as failed."""
    __tracebackhide__ = True
    raise Failure(looked_at, expected, found, fix)


def that(holds: object, *, looked_at: str, expected: str, found: str, fix: Fix) -> None:
    """Fail the step unless `holds` is true."""
    __tracebackhide__ = True
    if not holds:
        raise Failure(looked_at, expected, found, fix)


def some(value: T | None, *, looked_at: str, expected: str, found: str, fix: Fix) -> T:
    """Return `value`, or fail the step where it is None."""
    __tracebackhide__ = True
    if value is None:
        raise Failure(looked_at, expected, found, fix)
    return value


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that several expectations are about, and what to do next where it falls short of one of them."""

    looked_at: str
    fix: Fix

    def fail(self, expected: str, found: str) -> NoReturn:
        """End the step as failed."""
        __tracebackhide__ = True
        raise self.failure(expected, found)

    def that(self, holds: object, expected: str, found: str) -> None:
        """Fail the step unless `holds` is true."""
        __tracebackhide__ = True
        if not holds:
            raise self.failure(expected, found)

    def some(self, value: T | None, expected: str, found: str) -> T:
        """Return `value`, or fail the step where it is None."""
        __tracebackhide__ = True
        if value is None:
            raise self.failure(expected, found)
        return value

    def failure(self, expected: str, found: str) -> Failure:
        """The failure itself, for those who look at several subjects before they fail."""
        return Failure(self.looked_at, expected, found, self.fix)


def commands(*parts: Fix | None) -> str:
    """The lines of a fix: the parts that there are, one below the other."""
    return "\n".join(part if isinstance(part, str) else part() for part in parts if part)
