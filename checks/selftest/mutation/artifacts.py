"""The artifacts of a finished clone, and every change of each: of commits and tags, of files that tools left, of stores."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks.core.task import COURSE_NAMES
from checks.selftest.mutation.content import Changed, Mutation, changes, replaced
from checks.selftest.mutation.history import History

if TYPE_CHECKING:
    from checks.core.task import Task

_NO_EVIDENCE = COURSE_NAMES | {".git", "tmp"}
_STORE = "mlflow.db"
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""Of a run or a logged model: another one each time."""
_RECORDS = "conda-meta"
_OWN_TABLES = ("alembic_version",)
"""Tables of MLflow's own bookkeeping."""
_KEYS = ("key", "name", "alias")
_VALUES = ("value", "status", "digest", "version", "source", "run_id", "artifact_uri", "schema", "profile")
_TEXT = {"value": "0.123", "version": "97", "status": "RUNNING"}
_ROWS = 40
"""Keys of one table that are changed, each alone."""


def mutations(solved: Path, task: Task) -> Iterator[Mutation]:
    """Every change of what a finished clone holds of a task."""
    history = History(solved, task.folder)
    yield from history.mutations()
    for copies in _left_by_tools(solved, task, history.course_files() | history.files()):
        name = _ID.sub("*", copies[0].relative_to(solved).as_posix())
        together: dict[str, list[tuple[Path, bytes | None]]] = {}
        for path in copies:
            for what, changed in changes(copies[0].as_posix(), path.read_bytes()):
                together.setdefault(what, []).append((path, changed))
        for what, contents in together.items():
            yield Mutation(name, what, partial(_all_replaced, contents))
        if copies[0].name == _STORE:
            for table, (what, changed) in rows_changed(copies[0]):
                yield Mutation(f"{name}:{table}", what, partial(_all_replaced, [(copies[0], changed)]))


@contextmanager
def _all_replaced(contents: Sequence[tuple[Path, bytes | None]]) -> Iterator[None]:
    with ExitStack() as stack:
        for path, content in contents:
            stack.enter_context(replaced(path, content))
        yield


def _left_by_tools(solved: Path, task: Task, committed: frozenset[str]) -> list[list[Path]]:
    """What lies in the task's folder and in the storage without being committed, what is changed together in one list.

    DVC keeps what it tracks in the working folder, in its cache and in the remote, and any of them serves: copies of
    one content go together. MLflow's files that differ by the id of run or model alone do too. Of a conda environment,
    its records are evidence, and what it installed is not.
    """
    found: dict[str, list[Path]] = {}
    for top in (solved / task.folder, solved / ".storage"):
        for folder, names, files in os.walk(top):
            environment = _RECORDS in names
            names[:] = [_RECORDS] if environment else sorted(set(names) - _NO_EVIDENCE)
            for path in () if environment else (Path(folder, name) for name in sorted(files)):
                name = path.relative_to(solved).as_posix()
                if name not in committed and not path.is_symlink():
                    like = _ID.sub("*", name)
                    key = like if like != name else hashlib.sha256(path.read_bytes()).hexdigest()
                    found.setdefault(key, []).append(path)
    return sorted(found.values())


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
