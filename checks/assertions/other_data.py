"""The learner's data with the rentals dealt to other hours: nothing can be learned from it.

A script that is run with it has to log other errors. One that logs the same errors did not compute them.
"""

from __future__ import annotations

import random


def dealt_anew(csv: bytes) -> bytes:
    """The same table, but for its last column, whose values change places. Repeated rows stay repeated."""
    header, *lines = csv.decode("ascii").splitlines()
    rows = [line.rpartition(",") for line in dict.fromkeys(lines)]
    rentals = [value for _, _, value in rows]
    random.Random(0).shuffle(rentals)  # noqa: S311 - no secret
    other = {f"{inputs},{value}": f"{inputs},{dealt}" for (inputs, _, value), dealt in zip(rows, rentals, strict=True)}
    return ("\n".join([header, *(other[line] for line in lines)]) + "\n").encode("ascii")
