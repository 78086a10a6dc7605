"""Changes of evidence are made, each alone, and taken back."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from checks.selftest.build import run_git
from checks.selftest.mutation.artifacts import rows_changed
from checks.selftest.mutation.content import changes, replaced
from checks.selftest.mutation.history import History


def test_a_replaced_file_comes_back_and_its_other_name_keeps_what_it_has(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("as it was")
    os.link(one, other)
    with replaced(one, b"changed"):
        assert (one.read_text(), other.read_text()) == ("changed", "as it was")
    with replaced(one, None):
        assert not one.exists()
    assert one.read_text() == "as it was"
    assert sorted(tmp_path.iterdir()) == [one, other]


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.integers() | st.text() | st.booleans(), min_size=1, max_size=6)
)
def test_every_change_of_a_document_is_one(document: dict[str, object]) -> None:
    before = json.dumps(document).encode()
    found = dict(changes("metrics.json", before))
    assert {f"without {key}" for key in document} <= found.keys()
    for what, after in found.items():
        if what.startswith(("without", "another")):
            assert after is not None
            assert json.loads(after) != document


def test_changes_of_each_format() -> None:
    lock = yaml.safe_dump({"outs": [{"md5": "6912", "size": 51204}]}).encode()
    assert "another number for outs.0.size" in dict(changes("data/rentals.csv.dvc", lock))
    table = dict(changes("rentals.csv", b"hour,rentals\n1,2\n3,4\n"))
    assert table["column rentals renamed"] == b"hour,rentals_\n1,2\n3,4\n"
    assert table["two rows swapped"] == b"hour,rentals\n3,4\n1,2\n"
    history = dict(changes("image-history.json", b'{"ID": "a"}\n{"ID": "b"}'))
    assert history["without line 2"] == b'{"ID": "a"}'
    assert history["line 1 without ID"] == b'{}\n{"ID": "b"}'
    assert list(changes("train.py", b"print(1)\n")) == [("dropped", None)]


def test_changes_of_a_store(tmp_path: Path) -> None:
    store = tmp_path / "mlflow.db"
    opened = sqlite3.connect(store)
    opened.execute("CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT)")
    opened.execute("CREATE TABLE empty (key TEXT)")
    opened.executemany("INSERT INTO params VALUES (?, ?, 'r')", [("depth", "8"), ("seed", "0.123")])
    opened.commit()
    opened.close()
    before = store.read_bytes()
    found = {f"{table}: {what}": after for table, (what, after) in rows_changed(store)}
    assert store.read_bytes() == before
    assert set(found) == {
        "params: every row dropped",
        "params: another value in every row",
        "params: the rows of depth dropped",
        "params: another value for depth",
        "params: the rows of seed dropped",
        "params: another value for seed",
    }
    after = tmp_path / "after.db"
    after.write_bytes(found["params: the rows of depth dropped"] or b"")
    opened = sqlite3.connect(after)
    assert opened.execute("SELECT key FROM params").fetchall() == [("seed",)]
    opened.close()


def test_changes_of_a_history_are_taken_back(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        return run_git(words, tmp_path)

    git("init", "--quiet", "--initial-branch", "main")
    (tmp_path / "task").mkdir()
    (tmp_path / "task/README.md").write_text("The course's.\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "The course")
    git("switch", "--quiet", "--create", "solution/ada")
    for version in ("1", "2"):
        (tmp_path / "task/params.yaml").write_text(f"depth: {version}\n")
        git("add", ".")
        git("commit", "--quiet", "--message", f"Depth {version}")
        git("tag", f"v{version}")
    history = History(tmp_path, "task")
    assert history.files() == {"task/params.yaml"}
    before = git("for-each-ref") + git("status", "--porcelain")
    inside = {}
    for mutation in history.mutations():
        with mutation.applied():
            inside[mutation.name] = (
                git("log", "--format=%s", "solution/ada"),
                git("tag", "--list", "--format=%(refname:short)=%(subject)"),
                git("ls-tree", "-r", "--name-only", "solution/ada"),
            )
        assert git("for-each-ref") + git("status", "--porcelain") == before
    both = "Depth 2\nDepth 1\nThe course\n"
    tags = "v1=Depth 1\nv2=Depth 2\n"
    files = "task/README.md\ntask/params.yaml\n"
    assert inside["task/params.yaml: dropped"] == (both, tags, "task/README.md\n")
    assert inside["commits: the history ends before “Depth 2”"] == ("Depth 1\nThe course\n", tags, files)
    assert inside["tag v1: removed"] == (both, "v2=Depth 2\n", files)
    assert inside["tag v1: at the course's commit"] == (both, "v1=The course\nv2=Depth 2\n", files)
    assert inside["tag v1: swapped with v2"] == (both, "v1=Depth 2\nv2=Depth 1\n", files)
