"""The rows of an MLflow store in SQLite (`mlflow.db`): nothing is locked, and nothing written beside it.

The bytes are read within the submission, and SQLite sees a copy of them. A write-ahead log is merged there. A rollback
journal is not: SQLite deletes the file that a forged one names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from checks import limits
from checks.evidence.files import Files, Kind
from checks.evidence.mlflow.database import HEADER, MAGIC, Database, opened
from checks.evidence.mlflow.schema import LATER, NEEDED, REVISIONS
from checks.expect import Failure, Unavailable

_JOURNAL = bytes.fromhex("d9d505f920a163d7")

Rows = list[tuple[Any, ...]]
Tables = Mapping[str, Rows]


def is_sqlite(files: Files, path: str) -> bool:
    """Whether a file begins as SQLite's do."""
    return files.is_file(path) and files.size(path) >= HEADER and files.begins(path, MAGIC)


def read_tables(files: Files, path: str) -> Tables:
    """The rows of every table that is read, in the order of the columns in `schema`; none of a table that is not there.

    Raises Failure where the file is no MLflow store or is damaged, Unavailable where its schema is unknown.
    """
    try:
        with opened(_content(files, path), _log(files, path)) as database:
            return _read(database, path)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise _damaged(path, str(error)[:200] or type(error).__name__) from None


def _content(files: Files, path: str) -> bytes:
    data = files.read(path, limits.MLFLOW_STORE_BYTES)
    if not data.startswith(MAGIC) or len(data) < HEADER:
        raise _damaged(path, "no SQLite database" if data else "an empty file")
    journal = f"{path}-journal"
    if files.is_file(journal) and files.begins(journal, _JOURNAL):
        raise Failure(
            looked_at=path,
            expected="a store that nothing is writing to",
            found=f"{journal}: a program is writing, or was stopped while it did",
            fix="mlflow experiments search",
        )
    return data


def _log(files: Files, path: str) -> bytes:
    log = f"{path}-wal"
    return b"" if files.kind(log) is Kind.MISSING else files.read(log, limits.MLFLOW_STORE_BYTES)


def _read(database: Database, path: str) -> Tables:
    if "alembic_version" not in database.kinds or "experiments" not in database.kinds:
        raise _damaged(path, "a database without the tables `experiments` and `alembic_version`")
    _need_known(_rows(database, path, "alembic_version", "version_num"), path)
    return {
        name: _rows(database, path, name, columns) if name in NEEDED or name in database.kinds else []
        for name, columns in (NEEDED | LATER).items()
    }


def _rows(database: Database, path: str, name: str, columns: str) -> Rows:
    question = database.questions.get(name)
    if question is None:
        question = database.questions[name] = _question(database, path, name, columns)
    rows = database.connection.execute(question).fetchmany(limits.MLFLOW_ROWS + 1)
    if len(rows) > limits.MLFLOW_ROWS:
        raise Failure(
            looked_at=f"{path}: the table {name}",
            expected=f"at most {limits.MLFLOW_ROWS:,} rows",
            found="more",
            fix="(delete the runs that you no longer need, then: mlflow gc)",
        )
    return rows


def _question(database: Database, path: str, name: str, wanted: str) -> str:
    """What is asked of one plain table. In a view, a virtual table or a generated column, expressions of a stranger run."""
    kind, sql = database.kinds.get(name, ("nothing", ""))
    if kind != "table" or not sql.upper().startswith("CREATE TABLE"):
        raise _damaged(path, f"no table {name}" if kind == "nothing" else f"{name}, which is no plain table")
    columns = wanted.split()
    found = {str(row[1]): row[6] for row in database.connection.execute(f'PRAGMA table_xinfo("{name}")')}
    for column in columns:
        if found.get(column) != 0:
            raise _damaged(path, f"no column {column} in {name}, or a computed one")
    # MLflow 3.10 divides a server's store in workspaces; a store on a learner's disk has one, `default`.
    only = " WHERE workspace = 'default'" if found.get("workspace") == 0 else ""
    listed = ", ".join(f'"{column}"' for column in columns)
    # The connection may hold the places of another store's indexes.
    return f'SELECT {listed} FROM "{name}" NOT INDEXED{only} ORDER BY rowid'  # noqa: S608 - constants of `schema`


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
