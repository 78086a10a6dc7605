"""The cost of late work: the table `[late]` of a course file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from checks.core.errors import CourseError, UnknownNameError

_DAY = timedelta(days=1)
_MOST_MINUTES = 14 * 24 * 60
_WANTED = {
    "grace_minutes": (_MOST_MINUTES, f"minutes from 0 to {_MOST_MINUTES:,}, such as grace_minutes = 15"),
    "penalty_per_day": (1, "a share of the points from 0 to 1, such as penalty_per_day = 0.1 for a tenth"),
    "most": (1, "a share of the points from 0 to 1, such as most = 0.5 for a half"),
}


@dataclass(frozen=True, slots=True)
class LateRule:
    """The rule. Without a table `[late]`, who comes late is marked as late, and it costs nothing."""

    grace_minutes: float = 0.0
    """So many minutes after the due date still count as in time."""
    penalty_per_day: float = 0.0
    """The share of the points (0 to 1) that each day costs: each one that was begun, counted from the due date."""
    most: float = 1.0
    """The largest share of the points that coming late can cost."""

    def is_late(self, over: timedelta) -> bool:
        """Whether work that came this long after the due date is late."""
        return over > timedelta(minutes=self.grace_minutes)

    def penalty(self, over: timedelta) -> float:
        """The share of the points (0 to 1) that coming this long after the due date costs."""
        if not self.is_late(over):
            return 0.0
        return round(min(self.most, self.penalty_per_day * math.ceil(over / _DAY)), 6)


def late_rule(table: object, where: str) -> LateRule:
    """The rule in the table `[late]` of the course file `where`.

    Raises CourseError with the file, the key and what would do.
    """
    if not isinstance(table, Mapping):
        raise CourseError(f"{where}: `late` is no table: write [late] above the lines of its rule")
    known = [field.name for field in fields(LateRule)]
    for name, value in table.items():
        if name not in known:
            raise CourseError(f"{where}: [late]: {UnknownNameError('rule', str(name), known)}")
        _need_number(name, value, where)
    return LateRule(**{name: float(value) for name, value in table.items()})


def _need_number(name: str, value: Any, where: str) -> None:
    largest, wanted = _WANTED[name]
    if type(value) not in (int, float) or not 0 <= value <= largest:
        raise CourseError(f"{where}: [late]: {name} = {str(value)[:40]} can't be; write {wanted}")
