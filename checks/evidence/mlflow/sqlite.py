"""The rows of an MLflow store in SQLite (`mlflow.db`): nothing is locked, and nothing written beside it.

SQLite never sees a path of a submission: it reads a copy in memory, or, where a write-ahead log is to be merged, a copy
in a folder of ours. A rollback journal is not merged: SQLite deletes the file that a forged one names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from checks import limits
from checks.evidence.files import Files, Kind
from checks.expect import Malformed, Unavailable

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
"""Bytes at the beginning of every database that tell of the rest: https://www.sqlite.org/fileformat2.html."""
_VERSIONS = slice(18, 20)
_WITHOUT_LOG = b"\x01\x01"
"""Versions of the file format; SQLite opens no copy in memory of a database that says it has a log."""
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_CHAIN = """
    97727af70f4d 3500859a5d39 7f2a7d5fae7d 2d6e25af4d3e acf3f17fdcc7 867495a8f9d4 5b0e9adcef9c 4465047574b1
    f5a4f2784254 0584bdc529eb 400f98739977 6953534de441 bda7b8c39065 cbc13b556ace 770bee3ae1dd a1b2c3d4e5f6
    de4033877273 1a0cddfcaa16 534353b11cbc 71994744cf8e 3da73c924c2f bf29a5ff90ea 1bd49d398cd23 b7c8d9e0f1a2
    5d2d30f0abce c9d4e5f6a7b8 2c33131f4dae d3e4f5a6b7c8 d0e1f2a3b4c5 c8d9e0f1a2b3 1b5f0d9ad7c1 e1f2a3b4c5d6
    76601a5f987d c3d6457b6d8a a5b4c3d2e1f0 ae8bbe7743c9 7d34483879f0 da6fb0208061 89d3d66ed43f b7e4c1a90f23
    a8b9c0d1e2f3 c1d2e3f4a5b6 c3d9e7f1a2b4 6f8d9c3b2a1e 1971f2d9a75b 17e22815139b b7e2c1a4d9f3 75868b020152
    dc11669786a5 e7d1f4b2a9c6 8b6ad64cb8f5 f4a9b2c7d1e6
"""
REVISIONS = tuple(_CHAIN.split())
"""Versions of the schema, from MLflow 2.0 on; the columns that are read mean the same in all.

The chain of them: https://github.com/mlflow/mlflow/tree/master/mlflow/store/db_migrations/versions."""
_LATER = frozenset({
    "registered_model_aliases", "datasets", "inputs", "input_tags",
    "logged_models", "logged_model_params", "logged_model_tags",
})  # fmt: skip
"""Tables that a store of an older MLflow lacks: those of 2.3, 2.4 and 3.0."""
_AS_TEXT = frozenset({"experiment_id"})
"""Columns with numbers that are texts in all of MLflow's interfaces."""
_STEP = 1_000
_PRAGMAS = ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "temp_store=MEMORY")


def is_sqlite(files: Files, path: str) -> bool:
    """Whether a file begins as SQLite's do."""
    return files.is_file(path) and files.size(path) >= _HEADER and files.begins(path, _MAGIC)


class Database:
    """A stranger's database, open for reading. Each call raises Malformed or sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection, self._path = connection, path
        rows = connection.execute("SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view')")
        self._statements = {str(name): str(sql) if kind == "table" else "" for name, kind, sql in rows}

    def has(self, table: str) -> bool:
        """Whether there is a table, or a view, of this name."""
        return table in self._statements

    def documents(self, table: str, columns: str) -> list[dict[str, Any]]:
        """The rows of a table as documents without what is NULL. `columns` are names, each with `:` and another one."""
        pairs = [column.partition(":") for column in columns.split()]
        names = [other or name for name, _, other in pairs]
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in self.rows(table, [name for name, _, _ in pairs])
        ]

    def rows(self, table: str, columns: Collection[str]) -> list[tuple[Any, ...]]:
        """The rows of a table, in which an experiment's id is a text; none of a table that came with a later MLflow."""
        if table in _LATER and not self.has(table):
            return []
        known = self._columns(table)
        for column in columns:
            if known.get(column) != 0:
                raise Malformed(self._path, f"no column {column} in the table {table}, or a computed one")
        listed = ", ".join(f'CAST("{name}" AS TEXT)' if name in _AS_TEXT else f'"{name}"' for name in columns)
        # MLflow 3.10 divides a server's store in workspaces; a store on a learner's disk has one, `default`.
        only = " WHERE workspace = 'default'" if known.get("workspace") == 0 else ""
        rows = self._connection.execute(f'SELECT {listed} FROM "{table}"{only} ORDER BY rowid')  # noqa: S608 - constants
        found = rows.fetchmany(limits.MLFLOW_ROWS + 1)
        if len(found) > limits.MLFLOW_ROWS:
            raise Malformed(self._path, f"more than {limits.MLFLOW_ROWS:,} rows in the table {table}")
        return found

    def _columns(self, table: str) -> dict[str, int]:
        """Each column with 0, or with another number where it is computed: expressions of a stranger would run."""
        if not self.has(table):
            raise Malformed(self._path, f"no table {table}")
        if not self._statements[table].upper().startswith("CREATE TABLE"):
            raise Malformed(self._path, f"{table}, which is no plain table")
        return {str(row[1]): row[6] for row in self._connection.execute(f'PRAGMA table_xinfo("{table}")')}


@contextmanager
def open_database(files: Files, path: str) -> Iterator[Database]:
    """An MLflow store in SQLite. Raises Malformed where it is none or is damaged, Unavailable for an unknown schema."""
    data, wal = _content(files, path), f"{path}-wal"
    log = b"" if files.kind(wal) is Kind.MISSING else files.read(wal, limits.MLFLOW_STORE_BYTES)
    try:
        with TemporaryDirectory() as folder, closing(_connect(data, log, folder)) as connection:
            database = Database(connection, path)
            _need_known(database, path)
            yield database
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise Malformed(path, str(error)[:200] or type(error).__name__) from None


def _content(files: Files, path: str) -> bytes:
    data = files.read(path, limits.MLFLOW_STORE_BYTES)
    if not data.startswith(_MAGIC) or len(data) < _HEADER:
        raise Malformed(path, "no SQLite database" if data else "an empty file in place of a SQLite database")
    journal = f"{path}-journal"
    if files.is_file(journal) and files.begins(journal, _JOURNAL):
        raise Malformed(path, f"{journal}: a program is writing, or was stopped while it did")
    return data


def _connect(data: bytes, log: bytes, folder: str) -> sqlite3.Connection:
    """A connection that reads only, trusts no expression of the schema, and ends after a number of steps."""
    if log:
        copy = Path(folder, "store.db")
        copy.write_bytes(data)
        copy.with_name("store.db-wal").write_bytes(log)
        connection = sqlite3.connect(copy, isolation_level=None)
    else:
        connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if not log:
            connection.deserialize(data[: _VERSIONS.start] + _WITHOUT_LOG + data[_VERSIONS.stop :])
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.MLFLOW_TEXT)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    except BaseException:
        connection.close()
        raise
    steps = 0

    def _step() -> bool:
        nonlocal steps
        steps += _STEP
        return steps > limits.MLFLOW_STEPS

    connection.set_progress_handler(_step, _STEP)
    return connection


def _need_known(database: Database, path: str) -> None:
    if not database.has("alembic_version") or not database.has("experiments"):
        raise Malformed(path, "a database without the tables `experiments` and `alembic_version`")
    revisions = database.rows("alembic_version", ["version_num"])
    revision = revisions[0][0] if len(revisions) == 1 else None
    if not isinstance(revision, str):
        raise Malformed(path, "no version of its schema in the table alembic_version")
    if revision not in REVISIONS:
        first, *_, newest = REVISIONS
        raise Unavailable(
            f"{path} was written by another MLflow than these checks know: its schema has alembic_version"
            f" {revision[:40]!r}, and known are the {len(REVISIONS)} from MLflow 2.0 ({first}) to 3.18 ({newest})"
        )
