"""Late work: when something was handed in, when it was due, and what the difference costs.

A commit's time is the learner's own word: Git writes down what the learner's clock, or the learner, says. It is the
committer's time of the commit that was judged, because the work was not there before. Where it matters, hold it
against a time that somebody else wrote down: that of the push, or the mark `LATE` of Canvas, which counts here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.core.late import LateRule
    from checks.model import SubmissionReport

Extension = timedelta | datetime
"""More time than the others have, or a due date of one's own."""

_DAYS = re.compile(r"(?P<number>\d{1,3}(?:[.,]\d{1,2})?) ?d?", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_END_OF_DAY = time(23, 59, 59)
_YEARS = range(2000, 3000)
"""A due date outside of them is a slip of the finger."""
_MARKED = timedelta(seconds=1)
"""The lateness of work that a platform marked as late, and of which no more is known: a first day has begun."""


class NoTimeError(ValueError):
    """A text that is no time, or no extension. The message says what would do."""


@dataclass(frozen=True, slots=True)
class Due:
    """A due date. `local` says that it was written without a time zone: it is this machine's local time."""

    at: datetime
    local: bool = False

    @property
    def shown(self) -> str:
        """The due date for people: with its zone, and with a word where nobody wrote one."""
        note = " (local time of this machine: write a zone, such as Z or +02:00, if you mean another)"
        return self.at.isoformat(timespec="seconds") + (note if self.local else "")


def parse_due(text: str) -> Due:
    """The time that an ISO 8601 text says. A date alone is the end of that day.

    Without a time zone it is the local time of this machine. Raises NoTimeError.
    """
    written = text.strip()
    try:
        found = datetime.fromisoformat(written)
        if _DATE.fullmatch(written):
            found = datetime.combine(found, _END_OF_DAY)
        due = Due(found.astimezone(), local=True) if found.tzinfo is None else Due(found)
    except (ValueError, OverflowError, OSError):  # the last two: years that this machine's clock does not know
        due = None
    if due is None or due.at.year not in _YEARS:
        raise NoTimeError(
            f"{text[:60]!r} is no time: write it as 2026-11-30, 2026-11-30T18:00 or 2026-11-30T18:00+01:00"
        )
    return due


def parse_extension(text: str) -> Extension | None:
    """The extension in a roster's cell: days (`2`, `2d`, `0.5`) or a time as `parse_due` reads it; None where empty.

    Raises NoTimeError.
    """
    written = text.strip()
    if not written:
        return None
    if days := _DAYS.fullmatch(written):
        return timedelta(days=float(days["number"].replace(",", ".")))
    try:
        return parse_due(written).at
    except NoTimeError:
        raise NoTimeError(
            f"{text[:60]!r} is no extension: write days (2 or 2d), or a time (2026-11-30T18:00)"
        ) from None


def with_lateness(
    report: SubmissionReport,
    rule: LateRule,
    due: datetime | None,
    *,
    extension: Extension | None = None,
    marked: bool = False,
) -> SubmissionReport:
    """The report with `late` and `penalty`. Its `score` stays: `final` is what is left of it.

    `due` is the class's due date with a time zone, None where there is none. `marked` says that the learning platform
    wrote down that it came late: then it is late, by one day at least. Not for who has an extension, of which the
    platform does not know.
    """
    if report.problem is not None:
        return report
    over = _over(report.submitted, due, extension)
    if marked and extension is None and not (over is not None and rule.is_late(over)):
        day = replace(rule, grace_minutes=0.0)
        return replace(report, late=True, penalty=day.penalty(_MARKED))
    if over is None:
        return report
    return replace(report, late=rule.is_late(over), penalty=rule.penalty(over))


def _over(submitted: str | None, due: datetime | None, extension: Extension | None) -> timedelta | None:
    """The time from the learner's own due date to the commit, or None where one of the two is not known."""
    if submitted is None or due is None:
        return None
    if isinstance(extension, timedelta):
        due = due + extension
    elif extension is not None:
        due = max(due, extension)
    return datetime.fromisoformat(submitted) - due
