"""Some of the mistakes of a task, where trying each of them with the real tools would take long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from checks.selftest.mistake import Mistake

EACH = 2


def some_of_each_step(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The first mistakes of every step that can be told without a rebuild; `mlsd selftest` proves all of them."""
    taken: Counter[str] = Counter()
    some = []
    for mistake in mistakes:
        taken[mistake.step] += not mistake.rebuild
        if not mistake.rebuild and taken[mistake.step] <= EACH:
            some.append(mistake)
    return some
