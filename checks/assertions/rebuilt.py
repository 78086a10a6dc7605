"""Assertions over what a rebuild made, held against what was committed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from checks import expect

if TYPE_CHECKING:
    from checks.core.workspace import Rebuilt

TOLERANCE = 1e-4
"""By how much of itself a number may differ: another processor adds in another order, which moves the last digits only.
A forest without a seed, or other rows, move an error by a hundred times as much."""


def finished(made: Rebuilt, what: str, *, fix: str) -> None:
    """The commands of a rebuild ended without an error. `what` is the command as the learner types it."""
    expect.that(
        made.exit_code == 0,
        looked_at=f"`{what}` in a fresh clone",
        expected="that it ends without an error",
        found=f"exit code {made.exit_code}; the last it said:\n{made.output}",
        fix=fix,
    )


def same(committed: float, made: float) -> bool:
    """Whether a number of a rebuild is the committed one, but for rounding."""
    return math.isclose(committed, made, rel_tol=TOLERANCE, abs_tol=1e-9)


def same_numbers(
    committed: Mapping[str, float],
    make: Callable[[bool], Mapping[str, float]],
    *,
    where: str,
    script: str,
    mend_chance: str,
    mend_other: str,
) -> None:
    """A rebuild gives the committed numbers.

    `make` gives those of a rebuild, and with True those of one more: asked for only where the first are others, to tell
    chance from numbers that this code never gave. `where` names the committed numbers ("metrics.json in your commit"),
    `script` is what computes them, `mend_chance` and `mend_other` are the fixes of the two.
    """
    made = make(False)
    names = [name for name in committed if name not in made or not same(committed[name], made[name])]
    if not names:
        return
    name = names[0]
    if name not in made:
        expect.fail(
            looked_at=where, expected=f"{name}, as in the rebuild", found=f"a rebuild without {name}", fix=mend_other
        )
    again = make(True)
    # Any of them: a single one is the same in two runs of a forest without a seed once in some hundred times.
    moved = [one for one in committed if one in made and (one not in again or not same(made[one], again[one]))]
    name = moved[0] if moved else name
    told = f"{where} says {name} {committed[name]:.6g}"
    second = f"{again[name]:.6g}" if name in again else "none"
    expect.fail(
        looked_at=f"{name} in {where}, and in a rebuild from the commit",
        expected="the same number",
        found=f"{told}, the rebuild {made[name]:.6g}, and one more {second}: {script} leaves something to chance, such as a missing seed"
        if moved
        else f"{told}, two rebuilds both {made[name]:.6g}: the number was not made by the committed code, data and parameters",
        fix=mend_chance if moved else mend_other,
    )
