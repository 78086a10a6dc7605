"""MLflow stores of one content as different computers have them.

MLflow's migrations walk through sets: in each store, the indexes of a table lie in another order, and the constraints of
`runs` in one of two. A reader that gains by equal schemas must not gain by this class more than by a real one.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

ORDERS = 8
"""Different stores in a class."""
_SWAPPED = 2
"""Tables of which two indexes change places."""

_INDEXED = """
    SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
    GROUP BY tbl_name HAVING count(*) > 1 ORDER BY tbl_name
"""
_INDEXES = (
    "SELECT rowid, name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? LIMIT 2"
)


def in_other_order(store: Path, number: int, into: Path) -> None:
    """Write a store in order `number`, from 0 to ORDERS - 1, to `into`."""
    shutil.copy(store, into)
    with closing(sqlite3.connect(into)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        tables = [table for (table,) in connection.execute(_INDEXED)][:_SWAPPED]
        for place, table in enumerate(tables):
            if number >> place & 1:
                (one, *its), (other, *others) = connection.execute(_INDEXES, (table,)).fetchall()
                changed = [(*others, one), (*its, other)]
                connection.executemany("UPDATE sqlite_schema SET name = ?, sql = ? WHERE rowid = ?", changed)
        if number >> len(tables) & 1:
            _swap_constraints(connection)
        connection.commit()
    with closing(sqlite3.connect(into)) as connection:
        connection.execute("REINDEX")
        connection.commit()


def _swap_constraints(connection: sqlite3.Connection) -> None:
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'runs'")
    lines = sql.split("\n")
    one, other = [at for at, line in enumerate(lines) if " CHECK (" in line and line.lstrip().startswith("CONSTRAINT")]
    lines[one], lines[other] = lines[other], lines[one]
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'runs'", ("\n".join(lines),))
