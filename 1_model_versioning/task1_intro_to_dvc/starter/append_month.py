"""Append one delivery of rentals to data/rentals.csv.

    python append_month.py incoming/rentals-2025-02.csv

Both files start with the same line of column names: it is not copied again. The bytes are copied as they are,
so that the result is the same on every computer.
"""

import sys
from pathlib import Path

DATA = Path("data/rentals.csv")


def append_month(delivery: Path, data: Path = DATA) -> int:
    """Append the rows of `delivery` to `data`, and return how many rows `data` has then."""
    columns, _, rows = delivery.read_bytes().partition(b"\n")
    present = data.read_bytes()
    if present.partition(b"\n")[0] != columns:
        raise SystemExit(f"{delivery} and {data} do not have the same columns")
    if rows in present:
        raise SystemExit(f"{data} already holds the rows of {delivery}: nothing was changed")
    with data.open("ab") as file:
        file.write(rows)
    return (present + rows).count(b"\n") - 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python append_month.py DELIVERY")
    print(f"{DATA} now has {append_month(Path(sys.argv[1]))} rows")
