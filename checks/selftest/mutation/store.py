"""What may be done to an MLflow store: rows of one key gone, or with another value, in each table that has any."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.selftest.mutation.content import Changed

_OWN_TABLES = ("alembic_version",)
"""Tables of MLflow's own bookkeeping."""
_KEYS = ("key", "name", "alias")
_VALUES = ("value", "status", "digest", "version", "source", "run_id", "artifact_uri", "schema", "profile")
_TEXT = {"value": "0.123", "version": "97", "status": "RUNNING"}
_ROWS = 40
"""Keys of one table that are changed, each alone."""


def rows_changed(store: Path) -> Iterator[tuple[str, Changed]]:
    """A table's name, and a change in it. Yields the whole database's bytes after each."""
    with sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True) as opened:
        tables = [
            str(row[0]) for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        statements = [
            (table, what, statement, values)
            for table in tables
            if table not in _OWN_TABLES
            for what, statement, values in _statements(opened, table)
        ]
    opened.close()
    for table, what, statement, values in statements:
        after = _after(store, statement, values)
        if after is not None:
            yield table, (what, after)


def _statements(opened: sqlite3.Connection, table: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    columns = [str(row[1]) for row in opened.execute(f'PRAGMA table_info("{table}")')]
    if not opened.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
        return
    yield "every row dropped", f'DELETE FROM "{table}"', ()
    for column in (column for column in _VALUES if column in columns):
        yield (
            f"another {column} in every row",
            f'UPDATE OR IGNORE "{table}" SET "{column}" = ?',
            (_TEXT.get(column, "changed"),),
        )
    key = next((column for column in _KEYS if column in columns), None)
    if key is None:
        return
    for (value,) in opened.execute(f'SELECT DISTINCT "{key}" FROM "{table}" ORDER BY 1 LIMIT {_ROWS}').fetchall():
        yield f"the rows of {value} dropped", f'DELETE FROM "{table}" WHERE "{key}" = ?', (value,)
        if "value" in columns:
            yield (
                f"another value for {value}",
                f'UPDATE OR IGNORE "{table}" SET value = ? WHERE "{key}" = ?',
                (_TEXT["value"], value),
            )


def _after(store: Path, statement: str, values: tuple[str, ...]) -> bytes | None:
    """The database after a statement; None where it changed nothing, as where the schema forbids such a value."""
    with TemporaryDirectory(prefix="mlsd-mutation-") as folder:
        copy = Path(folder, "store.db")
        copy.write_bytes(store.read_bytes())
        opened = sqlite3.connect(copy)
        opened.execute(statement, values)
        opened.commit()
        changed = opened.total_changes
        opened.close()
        return copy.read_bytes() if changed else None
