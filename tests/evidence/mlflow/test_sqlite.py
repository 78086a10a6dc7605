"""`mlflow.db` from a stranger: whatever it holds, a verdict that names it; nothing is written, nothing waits."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.expect import Failure, Unavailable
from tests.evidence.mlflow.conftest import TASK, read

Database = Callable[..., Path]


def test_an_unknown_schema_is_not_judged(database: Database) -> None:
    root = database("UPDATE alembic_version SET version_num = 'feedbeef0001'")
    with pytest.raises(Unavailable, match=r"feedbeef0001.*97727af70f4d"):
        read(root, TASK)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["ALTER TABLE runs RENAME TO real", "CREATE VIEW runs AS SELECT * FROM real"], "runs, which is no plain table"),
        (["DROP TABLE params", "CREATE VIRTUAL TABLE params USING fts5(run_uuid, key, value)"], "params, which is no"),
        (["DROP TABLE tags", "CREATE TABLE tags (run_uuid, key, value AS (key || run_uuid))"], "a computed one"),
        (["DROP TABLE tags"], "no table tags"),
        (["ALTER TABLE tags RENAME COLUMN value TO worth"], "no column value"),
        (["DELETE FROM alembic_version"], "no version"),
        (["UPDATE runs SET name = x'00ff'"], "bytes at `run_name`, where a text belongs"),
        (["UPDATE runs SET start_time = 'noon'"], "a text at `start_time`, where a whole number"),
        (["DROP TABLE metrics", "CREATE TABLE metrics (run_uuid, key, step, value, is_nan, timestamp)",
          "INSERT INTO metrics VALUES ('r', 'rmse', 0, 'low', 0, 1)"], "a text at `[0][2]`, where a number"),
        (["INSERT INTO tags (run_uuid, key, value) VALUES ('r', 'k', CAST(x'ff41' AS TEXT))"], "decode"),
        ([f"INSERT INTO tags (run_uuid, key, value) VALUES ('r', 'k', hex(zeroblob({limits.MLFLOW_TEXT})))"], "too big"),
    ],
)  # fmt: skip
def test_what_is_no_store(database: Database, statements: list[str], found: str) -> None:
    root = database(*statements)
    with pytest.raises(Failure) as caught:
        read(root, TASK)
    assert found in caught.value.found
    assert "mlflow.db" in caught.value.looked_at


def test_a_trigger_runs_never(database: Database) -> None:
    root = database("CREATE TRIGGER t AFTER INSERT ON tags BEGIN DELETE FROM runs; END")
    assert read(root, TASK).runs


def test_more_rows_than_a_store_may_have(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_ROWS", 3)
    with pytest.raises(Failure, match="more than 3 rows"):
        read(database(), TASK)


def test_a_database_that_takes_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_STEPS", 1_000)
    root = database(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        " INSERT INTO tags (run_uuid, key, value) SELECT 'r', i, '' FROM n"
    )
    with pytest.raises(Failure, match="interrupted"):
        read(root, TASK)


def test_a_hundred_thousand_values(database: Database) -> None:
    root = database(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
        " INSERT INTO metrics (run_uuid, key, step, value, is_nan, timestamp)"
        " SELECT (SELECT min(run_uuid) FROM runs), 'many', i, i * 0.5, 0, i FROM n"
    )
    tracking = read(root, TASK)
    assert max(len(run.history.get("many", ())) for run in tracking.runs) == 100_000


def test_what_is_only_in_the_write_ahead_log_is_read_and_nothing_is_written(database: Database) -> None:
    root = database()
    path = root / TASK / "mlflow.db"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("UPDATE experiments SET name = 'from the log' WHERE name = 'bike-demand'")
        writer.commit()
        assert (path.parent / "mlflow.db-wal").stat().st_size
        before = {name: (path.parent / name).read_bytes() for name in os.listdir(path.parent) if name != "mlruns"}
        assert read(root, TASK).experiment("from the log")
        after = {name: (path.parent / name).read_bytes() for name in os.listdir(path.parent) if name != "mlruns"}
        assert after == before


def test_a_store_in_write_ahead_mode_whose_log_is_gone(database: Database) -> None:
    root = database()
    with closing(sqlite3.connect(root / TASK / "mlflow.db")) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
    assert read(root, TASK).runs


def test_a_program_that_is_writing(database: Database) -> None:
    root = database()
    with closing(sqlite3.connect(root / TASK / "mlflow.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert read(root, TASK).runs
        writer.execute("UPDATE runs SET name = 'half'")
        assert (root / TASK / "mlflow.db-journal").exists()
        # SQLite changes the file only after the journal has its header: until then it is whole, and old.
        assert "half" not in {run.name for run in read(root, TASK).runs}


def test_a_program_that_was_stopped_while_it_wrote(database: Database) -> None:
    root = database()
    program = (
        "import os, sqlite3, sys; store = sqlite3.connect(sys.argv[1]); store.execute('PRAGMA cache_size = 1');"
        "store.execute('BEGIN'); [store.execute('UPDATE runs SET name = ?', ('x' * 9000,)) for _ in range(9)];"
        "store.executemany('INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)',"
        " [('r', str(i), 'x' * 3000) for i in range(50)]); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program, root / TASK / "mlflow.db"], check=False)
    with pytest.raises(Failure, match=r"mlflow\.db-journal: a program is writing, or was stopped"):
        read(root, TASK)


def test_a_forged_journal_is_not_obeyed(database: Database, tmp_path: Path) -> None:
    root, victim = database(), tmp_path / "victim"
    victim.write_text("precious")
    name = str(victim).encode()
    tail = name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7")
    header = bytes.fromhex("d9d505f920a163d7") + bytes(4) + bytes(4) + (1).to_bytes(4, "big") + (512).to_bytes(4, "big")
    (root / TASK / "mlflow.db-journal").write_bytes(header.ljust(512, b"\0") + tail)
    with pytest.raises(Failure, match=r"mlflow.db-journal"):
        read(root, TASK)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside.db", "."])
def test_a_link_that_leads_elsewhere(tmp_path: Path, target: str) -> None:
    (tmp_path / TASK).mkdir(parents=True)
    (tmp_path / TASK / "mlflow.db").symlink_to(target)
    with pytest.raises(Failure, match=r"mlflow.db"):
        read(tmp_path, TASK)


def test_a_file_without_an_end(tmp_path: Path) -> None:
    (tmp_path / TASK).mkdir(parents=True)
    with (tmp_path / TASK / "mlflow.db").open("wb") as file:
        file.truncate(limits.MLFLOW_STORE_BYTES + 1)
    with pytest.raises(Failure, match="at most"):
        read(tmp_path, TASK)


@settings(max_examples=60)
@given(data=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    for start in (b"", b"SQLite format 3\0"):
        (tmp_path / "mlflow.db").write_bytes(start + data)
        with pytest.raises((Failure, Unavailable)):
            read(tmp_path)


@pytest.fixture
def intact(database: Database) -> tuple[Path, bytes]:
    path = database() / TASK / "mlflow.db"
    return path, path.read_bytes()


@settings(max_examples=150)
@given(data=st.data())
def test_a_store_with_damaged_bytes(intact: tuple[Path, bytes], data: st.DataObject) -> None:
    path, whole = intact
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)))] if data.draw(st.booleans()) else damaged)
    with suppress(Failure, Unavailable):
        read(path.parent)
