"""Some of the mistakes of a task, where trying each of them with the real tools would take long."""

from __future__ import annotations

from collections.abc import Iterable

from checks.selftest.mistake import Mistake

EACH = 2


def some_of_each_step(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The first mistakes of every step that can be told without a rebuild; `mlsd selftest` proves all of them."""
    told: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        if not mistake.rebuild:
            told.setdefault(mistake.step, []).append(mistake)
    return [mistake for of_step in told.values() for mistake in of_step[:EACH]]
