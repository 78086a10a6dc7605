"""The rows of an MLflow store in SQLite (`mlflow.db`), read from memory: nothing is locked, and nothing written beside it.

The bytes are read within the submission, and SQLite never sees a path of it. A write-ahead log is merged in a private
folder. A rollback journal is not: SQLite deletes the file that a forged one names.
https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from checks import limits
from checks.evidence.files import Files, Kind
from checks.evidence.mlflow.schema import LATER, NEEDED, REVISIONS
from checks.expect import Failure, Unavailable

MAGIC = b"SQLite format 3\0"
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_HEADER = 100
_VERSIONS = slice(18, 20)  # of the file format for writing and reading: 2 where there is a write-ahead log, else 1
_NO_LOG = b"\x01\x01"
_STEP = 1_000

_TABLES = "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view')"

Rows = list[tuple[Any, ...]]
Tables = Mapping[str, Rows]


def is_sqlite(files: Files, path: str) -> bool:
    """Whether a file begins as SQLite's do."""
    return files.is_file(path) and files.size(path) >= _HEADER and files.begins(path, MAGIC)


def read_tables(files: Files, path: str) -> Tables:
    """The rows of every table that is read, in the order of the columns in `schema`; none of a table that is not there.

    Raises Failure where the file is no MLflow store or is damaged, Unavailable where its schema is unknown.
    """
    try:
        with _opened(files, path) as connection:
            return _read(connection, path)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise _damaged(path, str(error)[:200] or type(error).__name__) from None


@contextmanager
def _opened(files: Files, path: str) -> Iterator[sqlite3.Connection]:
    data = files.read(path, limits.MLFLOW_STORE_BYTES)
    if not data.startswith(MAGIC) or len(data) < _HEADER:
        raise _damaged(path, "no SQLite database" if data else "an empty file")
    journal = f"{path}-journal"
    if files.is_file(journal) and files.begins(journal, _JOURNAL):
        raise Failure(
            looked_at=path,
            expected="a store that nothing is writing to",
            found=f"{journal}: a program is writing, or was stopped while it did",
            fix="mlflow experiments search",
        )
    log = _log(files, path)
    if not log:
        with closing(sqlite3.connect(":memory:")) as connection:
            if data[_VERSIONS] != _NO_LOG:
                data = data[: _VERSIONS.start] + _NO_LOG + data[_VERSIONS.stop :]
            connection.deserialize(data)
            yield _limited(connection)
        return
    with tempfile.TemporaryDirectory(prefix="mlsd-") as folder:
        copy = Path(folder, "store.db")
        copy.write_bytes(data)
        copy.with_name("store.db-wal").write_bytes(log)
        with closing(sqlite3.connect(copy)) as connection:
            yield _limited(connection)


def _log(files: Files, path: str) -> bytes:
    log = f"{path}-wal"
    return b"" if files.kind(log) is Kind.MISSING else files.read(log, limits.MLFLOW_STORE_BYTES)


def _limited(connection: sqlite3.Connection) -> sqlite3.Connection:
    steps = 0

    def _step() -> bool:
        nonlocal steps
        steps += _STEP
        return steps > limits.MLFLOW_STEPS

    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.MLFLOW_TEXT)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(_step, _STEP)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _read(connection: sqlite3.Connection, path: str) -> Tables:
    kinds = {str(name): (kind, str(sql)) for name, kind, sql in connection.execute(_TABLES)}
    if "alembic_version" not in kinds or "experiments" not in kinds:
        raise _damaged(path, "a database without the tables `experiments` and `alembic_version`")
    _need_known(_table(connection, path, kinds, "alembic_version", "version_num"), path)
    tables: dict[str, Rows] = {}
    for name, columns in (NEEDED | LATER).items():
        if name in LATER and name not in kinds:
            tables[name] = []
            continue
        tables[name] = _table(connection, path, kinds, name, columns)
    return tables


def _table(
    connection: sqlite3.Connection, path: str, kinds: Mapping[str, tuple[str, str]], name: str, wanted: str
) -> Rows:
    """The rows of one plain table. In a view, a virtual table or a generated column, expressions of a stranger run."""
    kind, sql = kinds.get(name, ("nothing", ""))
    if kind != "table" or not sql.upper().startswith("CREATE TABLE"):
        raise _damaged(path, f"no table {name}" if kind == "nothing" else f"{name}, which is no plain table")
    columns = wanted.split()
    found = {str(row[1]): row[6] for row in connection.execute(f'PRAGMA table_xinfo("{name}")')}
    for column in columns:
        if found.get(column) != 0:
            raise _damaged(path, f"no column {column} in {name}, or a computed one")
    # MLflow 3.10 divides a server's store in workspaces; a store on a learner's disk has one, `default`.
    only = " WHERE workspace = 'default'" if found.get("workspace") == 0 else ""
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = connection.execute(f'SELECT {listed} FROM "{name}"{only} ORDER BY rowid').fetchmany(limits.MLFLOW_ROWS + 1)  # noqa: S608 - constants of `schema`
    if len(rows) > limits.MLFLOW_ROWS:
        raise Failure(
            looked_at=f"{path}: the table {name}",
            expected=f"at most {limits.MLFLOW_ROWS:,} rows",
            found="more",
            fix="(delete the runs that you no longer need, then: mlflow gc)",
        )
    return rows


def _need_known(rows: Rows, path: str) -> None:
    revision = rows[0][0] if len(rows) == 1 else None
    if not isinstance(revision, str):
        raise _damaged(path, "no version of its schema in the table alembic_version")
    if revision not in REVISIONS:
        *_, newest = REVISIONS
        raise Unavailable(
            f"{path} was written by another MLflow than these checks know: its schema has alembic_version"
            f" {revision[:40]!r}, and known are the {len(REVISIONS)} from MLflow 2.0 ({next(iter(REVISIONS))})"
            f" to 3.18 ({newest})"
        )


def _damaged(path: str, found: str) -> Failure:
    return Failure(
        looked_at=path,
        expected="a store as MLflow writes it",
        found=found,
        fix=f"(move {path} away and run your experiments again)",
    )
