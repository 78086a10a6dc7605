"""One connection for one stranger's database after the other: each is read as if it were the first."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.files import Files
from checks.evidence.mlflow import database
from checks.evidence.mlflow.sqlite import Tables, read_tables
from checks.expect import Failure, Unavailable
from tests.evidence.mlflow.conftest import TASK, Made

STORE = f"{TASK}/mlflow.db"

Change = Callable[..., bytes]


@pytest.fixture
def changed(database: Callable[..., Path]) -> Change:
    """A store of MLflow, as bytes, after some statements; each with the same count of changes."""
    path = database() / STORE
    whole = path.read_bytes()

    def _changed(*statements: str) -> bytes:
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return path.read_bytes()

    return _changed


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Tables | str]:
    """What is read of a store, by the connection of the one before it; or what is told of it."""
    (tmp_path / "work").mkdir()

    def _read(data: bytes) -> Tables | str:
        (tmp_path / "work/mlflow.db").write_bytes(data)
        try:
            return read_tables(Files(tmp_path / "work"), "mlflow.db")
        except (Failure, Unavailable) as told:
            return str(told)

    return _read


@pytest.fixture
def read_alone(read: Callable[[bytes], Tables | str]) -> Callable[[bytes], Tables | str]:
    """The same by a connection of its own."""

    def _read_alone(data: bytes) -> Tables | str:
        before, database._kept.databases = database._kept.databases, []
        try:
            return read(data)
        finally:
            database.close_all()
            database._kept.databases = before

    return _read_alone


Read = Callable[[bytes], Tables | str]
kept = pytest.mark.skipif(sys.platform != "linux", reason="a connection is kept on Linux alone")


def connections() -> list[sqlite3.Connection]:
    return [kept.connection for kept in database._kept.databases]


@pytest.fixture(autouse=True)
def _nothing_kept_before() -> None:
    database.close_all()


@kept
def test_the_connection_stays_for_a_store_of_the_same_schema(changed: Change, read: Read) -> None:
    read(changed("UPDATE runs SET name = 'ann'"))
    before = connections()
    assert len(before) == 1
    read(changed("UPDATE runs SET name = 'bob'"))
    assert connections() == before


INDEXES = {"by_key": "CREATE INDEX by_key ON tags (key)", "by_run": "CREATE INDEX by_run ON tags (run_uuid)"}


@kept
def test_the_indexes_of_a_table_in_another_order(changed: Change, read: Read, read_alone: Read) -> None:
    """As MLflow's migrations leave them: no two stores have them in the same order."""
    one = changed(*INDEXES.values())
    other = changed(*reversed(INDEXES.values()), "UPDATE runs SET name = 'bob'")
    assert one.count(b"CREATE INDEX by_key") == 1
    alone = [read_alone(data) for data in (one, other, one)]
    assert [read(data) for data in (one, other, one)] == alone
    assert len(connections()) == 1


@kept
@pytest.mark.parametrize(
    "statements",
    [
        [INDEXES["by_key"]],
        [INDEXES["by_key"], "CREATE INDEX by_run ON tags (key)"],
        [INDEXES["by_key"], "CREATE INDEX by_another ON tags (run_uuid)"],
        [INDEXES["by_key"], "CREATE INDEX by_run ON params (run_uuid)"],
    ],
)
def test_other_indexes_are_another_schema(changed: Change, read: Read, read_alone: Read, statements: list[str]) -> None:
    one = changed(*INDEXES.values(), "PRAGMA schema_version = 200")
    other = changed(*statements, "PRAGMA schema_version = 200")
    alone = [read_alone(data) for data in (one, other, one)]
    assert [read(data) for data in (one, other, one)] == alone
    assert len(connections()) == 2


@kept
def test_stores_of_a_few_schemas_in_turn(changed: Change, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLFLOW_KEPT", 2)
    stores = [changed(f"CREATE TABLE t{number} (c)", f"UPDATE runs SET name = '{number}'") for number in range(3)]

    def names(data: bytes) -> set[str]:
        tables = read(data)
        assert isinstance(tables, dict)
        return {row[1] for row in tables["runs"]}

    assert [names(stores[number]) for number in (0, 1, 0, 1)] == [{"0"}, {"1"}, {"0"}, {"1"}]
    before = connections()
    assert len(before) == 2
    assert [names(stores[number]) for number in (0, 2, 1)] == [{"0"}, {"2"}, {"1"}]
    assert len(connections()) == 2
    assert before[1] not in connections()


def test_two_stores_that_differ_in_a_value_alone(changed: Change, read: Read) -> None:
    stores = {name: changed(f"UPDATE runs SET name = '{name}'") for name in ("ann", "bob", "cyd")}
    assert len({store[24:40] for store in stores.values()}) == 1  # by which SQLite tells that nothing has changed
    for name in ("ann", "bob", "ann", "cyd"):
        tables = read(stores[name])
        assert isinstance(tables, dict)
        assert {row[1] for row in tables["runs"]} == {name}


def test_a_store_with_fewer_pages(changed: Change, read: Read, read_alone: Read) -> None:
    long = changed(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO tags (run_uuid, key, value) SELECT 'r', i, 'some text of some length' FROM n"
    )
    short = changed()
    assert len(long) > len(short)
    assert [read(data) for data in (long, short, long)] == [read_alone(data) for data in (long, short, long)]


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE tags", "CREATE TABLE tags (value, key, run_uuid)", "INSERT INTO tags VALUES ('v', 'k', 'r')"],
        ["ALTER TABLE tags RENAME COLUMN value TO worth"],
        ["ALTER TABLE runs RENAME TO real", "CREATE VIEW runs AS SELECT * FROM real"],
        ["DROP TABLE tags"],
        ["DROP TABLE inputs"],
        ["ALTER TABLE runs ADD COLUMN workspace DEFAULT 'other'"],
        ["UPDATE alembic_version SET version_num = 'feedbeef0001'"],
        ["PRAGMA user_version = 7"],
    ],
)
def test_another_schema_that_says_it_is_the_same(
    changed: Change, read: Read, read_alone: Read, statements: list[str]
) -> None:
    honest = changed()
    cookie = int.from_bytes(honest[40:44], "big")
    forged = changed(*statements, f"PRAGMA schema_version = {cookie}")
    assert forged[40:44] == honest[40:44]
    for data in (honest, forged, honest, forged):
        assert read(data) == read_alone(data)


def test_a_table_that_lies_elsewhere(changed: Change, read: Read, read_alone: Read) -> None:
    honest = changed()
    forged = changed(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'params')"
        " WHERE name = 'tags'",
    )
    for data in (honest, forged, honest):
        assert read(data) == read_alone(data)


@kept
def test_what_is_not_kept(changed: Change, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    read(changed("ANALYZE"))
    assert connections() == []
    for limit in ("MLFLOW_SCHEMA_BYTES", "MLFLOW_KEPT_BYTES"):
        with monkeypatch.context() as patch:
            patch.setattr(limits, limit, 1_000)
            read(changed())
            assert connections() == []


def test_after_a_store_that_takes_long(changed: Change, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = changed()
    tables = read(honest)
    many = changed(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO tags (run_uuid, key, value) SELECT 'r', i, '' FROM n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(limits, "MLFLOW_STEPS", 20_000)
        assert "interrupted" in str(read(many))
    assert read(honest) == tables


def test_fewer_pages_than_the_schema_names(changed: Change, read: Read, read_alone: Read) -> None:
    honest = changed()
    forged = honest[:28] + (9).to_bytes(4, "big") + honest[32:]
    read(honest)
    assert "malformed" in str(read(forged))
    assert read(forged) == read_alone(forged)


def test_the_steps_of_one_store_are_not_anothers(changed: Change, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = changed()
    read(honest)
    monkeypatch.setattr(limits, "MLFLOW_STEPS", 20_000)
    for _ in range(20):
        assert isinstance(read(honest), dict)


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_bytes_say_the_same(changed: Change, read: Read, read_alone: Read, data: st.DataObject) -> None:
    honest = changed()
    damaged = bytearray(honest)
    for _ in range(data.draw(st.integers(1, 4))):
        end = data.draw(st.sampled_from([100, 4_096, len(damaged)]))
        damaged[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    read(honest)
    assert read(bytes(damaged)) == read_alone(bytes(damaged))
    assert read(honest) == read_alone(honest)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_fork_leaves_the_connection_alone(changed: Change, read: Read) -> None:
    ann, bob = changed("UPDATE runs SET name = 'ann'"), changed("UPDATE runs SET name = 'bob'")
    tables = read(ann)
    child = os.fork()
    if child == 0:
        other = read(bob)
        os._exit(0 if isinstance(other, dict) and {row[1] for row in other["runs"]} == {"bob"} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert read(ann) == tables


@kept
def test_what_is_left_in_the_folder_for_temporary_files(
    changed: Change, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for statement in ("UPDATE runs SET name = 'ann'", "DROP TABLE tags", "ANALYZE"):
        read(changed(statement))
        (folder,) = temporary.iterdir()
        assert os.listdir(folder) == []
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700  # SQLite takes a log that somebody else puts there
    database.close_all()
    assert os.listdir(temporary) == []


@kept
def test_a_process_removes_its_folder(sqlite_store: Made, tmp_path: Path) -> None:
    """Also one of multiprocessing's, which ends without Python's usual farewell."""
    program = (
        "import multiprocessing, os, sys\n"
        "from pathlib import Path\n"
        "from checks.evidence.files import Files\n"
        "from checks.evidence.mlflow.sqlite import read_tables\n"
        "def read():\n"
        "    assert read_tables(Files(Path(sys.argv[1])), 'mlflow.db')['runs']\n"
        "read()\n"
        "child = multiprocessing.get_context('fork').Process(target=read)\n"
        "child.start()\n"
        "child.join()\n"
        "assert child.exitcode == 0\n"
        "print(len(os.listdir(os.environ['TMPDIR'])))\n"
    )
    command = [sys.executable, "-c", program, str(sqlite_store.folder / TASK)]
    environment = os.environ | {"TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert os.listdir(tmp_path / "temporary") == []
