"""Strangers' SQLite databases, one after the other in a file of our own: SQLite never sees a path of a submission.

https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import marshal
import os
import shutil
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from checks import limits

MAGIC = b"SQLite format 3\0"
HEADER = 100
"""Bytes at the beginning of every database that tell of the rest."""
_VERSIONS = slice(18, 20)  # of the file format for writing and reading: 2 where there is a write-ahead log, else 1
_NO_LOG = b"\x01\x01"
_CHANGES = slice(24, 28)  # a count of the changes: where it is another one, SQLite forgets the pages that it has read
_CHANGES_OF_SIZE = slice(92, 96)  # the same count, where the size in the header holds
_PAGES = slice(28, 40)  # how many there are, and which are free

_SCHEMA = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"
_STATISTICS = b"sqlite_stat"  # of tables that SQLite reads together with the schema
_MARSHAL = 2  # the format's last version that depends on the values alone
_STEP = 1_000
_PRAGMAS = ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "temp_store=MEMORY", "cache_size=-256")
_DELETED_WHILE_OPEN = sys.platform == "linux"  # Windows refuses it, and the SQLite of macOS takes it for a mistake


@contextmanager
def opened(data: bytes, log: bytes) -> Iterator[Database]:
    """A database of at least HEADER bytes with its write-ahead log, if any, open for reading. Raises sqlite3.Error.

    The connection is one that read an earlier database, where this one has the same schema: SQLite reads a schema once
    for each connection, and that of MLflow's hundred tables takes longer than all rows of a store.
    """
    kept = _kept_here()
    database = None if log else _that_takes(data, kept)
    if database is None:
        database = Database(data, log)
    try:
        yield database
        again = database.end()
    except BaseException:
        database.close()
        raise
    if not again:
        database.close()
        return
    kept.insert(0, database)
    while len(kept) > limits.MLFLOW_KEPT:
        kept.pop().close()


def _that_takes(data: bytes, kept: list[Database]) -> Database | None:
    """The one of these that takes a database, no longer among them."""
    for database in list(kept):
        try:
            takes = database.takes(data)
        except sqlite3.Error:  # told again where the whole of it is read anew
            kept.remove(database)
            database.close()
            continue
        if takes:
            kept.remove(database)
            return database
    return None


class Database:
    """A file of our own with one stranger's database in it after the other, all of one schema, and the connection to it."""

    def __init__(self, data: bytes, log: bytes) -> None:
        self._folder = TemporaryDirectory(dir=_own_folder(), ignore_cleanup_errors=True)
        path = Path(self._folder.name, "store.db")
        self._file = path.open("wb")
        self._takes_more = _DELETED_WHILE_OPEN and not log
        self._laid = self._size = 0
        if log:
            path.with_name("store.db-wal").write_bytes(log)
            path.write_bytes(data)
        else:
            self._lay(data)
        self.connection = sqlite3.connect(
            f"{path.as_uri()}?mode={'rw' if log else 'ro'}", uri=True, isolation_level=None
        )
        if self._takes_more:
            self._folder.cleanup()
        self.questions: dict[str, str] = {}
        """For each table that is read, what is asked of it: worked out once for a schema."""
        try:
            for pragma in _PRAGMAS:
                self.connection.execute(f"PRAGMA {pragma}")
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.MLFLOW_TEXT)
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            schema = self._begin()
        except BaseException:
            self.close()
            raise
        self._header, self._schema = _lasting(data), _lasting_schema(schema)
        self._pages = max((page for *_, page, _ in schema if isinstance(page, int)), default=0)
        self.kinds = {str(name): (str(kind), str(sql)) for kind, name, _, _, sql in schema if kind in {"table", "view"}}
        """Each table and view with which of both it is, and the statement that made it."""

    def takes(self, data: bytes) -> bool:
        """Open another database in the last one's place, if its schema is the same but for the order of indexes.

        Raises sqlite3.Error where it can't be read: then this is of no more use.
        """
        if _lasting(data) != self._header:
            return False
        self._lay(data)
        schema = _lasting_schema(self._begin())
        ((pages,),) = self.connection.execute("PRAGMA page_count")
        if schema == self._schema and pages >= self._pages:
            return True
        self.connection.execute("COMMIT")
        return False

    def end(self) -> bool:
        """End the reading of a database; whether another one may be next."""
        self.connection.execute("COMMIT")
        in_place, _ = self._schema
        small = self._size <= limits.MLFLOW_KEPT_BYTES and len(in_place) <= limits.MLFLOW_SCHEMA_BYTES
        return self._takes_more and small and _STATISTICS not in in_place

    def close(self) -> None:
        """Close it for good."""
        self.connection.close()
        self._file.close()
        self._folder.cleanup()

    def _lay(self, data: bytes) -> None:
        """Write a database to the file, with a count of changes that none had before it, and as one without a log."""
        self._laid += 1
        self._size = len(data)
        count = self._laid.to_bytes(4, "big")
        header = bytearray(data[:HEADER])
        if header[_CHANGES_OF_SIZE] == header[_CHANGES]:
            header[_CHANGES_OF_SIZE] = count
        header[_CHANGES] = count
        header[_VERSIONS] = _NO_LOG
        self._file.seek(0)
        self._file.writelines((header, memoryview(data)[HEADER:]))
        self._file.truncate()  # and flush

    def _begin(self) -> list[Any]:
        """Begin to read, within the limit of steps, with the whole schema."""
        steps = 0

        def _step() -> bool:
            nonlocal steps
            steps += _STEP
            return steps > limits.MLFLOW_STEPS

        self.connection.set_progress_handler(_step, _STEP)
        self.connection.execute("BEGIN")
        return self.connection.execute(_SCHEMA).fetchall()


def _lasting(data: bytes) -> bytes:
    """The header without what changes with the rows."""
    header = bytearray(data[:HEADER])
    for changing in (_VERSIONS, _CHANGES, _PAGES, _CHANGES_OF_SIZE):
        header[changing] = bytes(changing.stop - changing.start)
    return bytes(header)


def _lasting_schema(schema: list[Any]) -> tuple[bytes, Counter[Any]]:
    """The rows of a schema in their order, but for which index of a table is in which of their places; and the indexes.

    MLflow's migrations create the indexes of a table in another order each time. No question uses one.
    """
    in_place = [
        (kind, of, page) if kind == "index" else (kind, name, of, page, sql) for kind, name, of, page, sql in schema
    ]
    indexes = Counter((of, name, sql) for kind, name, of, _, sql in schema if kind == "index")
    return marshal.dumps(in_place, _MARSHAL), indexes


class _Kept(threading.local):
    """The databases whose connections this thread keeps, the last one first."""

    def __init__(self) -> None:
        self.databases: list[Database] = []
        self.process = os.getpid()


_kept = _Kept()
_of_another_process: list[list[Database]] = []
"""What a fork brought along: SQLite's connections are not to be used there, nor to be closed."""
_folders: dict[int, str] = {}
"""The folder for temporary files of each process that this one knows: its own, and those that it was forked from."""


def _kept_here() -> list[Database]:
    if _kept.process != os.getpid():
        _of_another_process.append(_kept.databases)
        _kept.databases, _kept.process = [], os.getpid()
    return _kept.databases


def _own_folder() -> str:
    """A folder that nobody else may write in, as long as this process lives.

    SQLite looks for a log beside a database each time, also where that was deleted: nobody may put one there.
    """
    process = os.getpid()
    if process not in _folders:
        _folders[process] = mkdtemp(prefix="mlsd-")
        Finalize(None, close_all, exitpriority=0)
    return _folders[process]


def close_all() -> None:
    """Close what this thread keeps, and remove this process's folder."""
    kept = _kept_here()
    while kept:
        kept.pop().close()
    if folder := _folders.pop(os.getpid(), None):
        shutil.rmtree(folder, ignore_errors=True)
