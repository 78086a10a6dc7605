"""`mlsd reset` keeps everything in a backup; `mlsd hint` tells one thing at a time and remembers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from checks.core.task import Task
from checks.learner.hints import MEMORY, next_hint
from checks.learner.layout import own_work, set_aside
from tests.commands import mlsd

HINTS = ("Where?", "What?", "Do it.")
NOW = datetime(2026, 11, 23, 4, 5, 6)  # noqa: DTZ001 - a wall clock's time names a folder


def content(folder: Path) -> dict[str, bytes | str]:
    return {
        path.relative_to(folder).as_posix(): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_reset_moves_everything_to_a_backup_and_lays_the_starter_out(
    solved: Path, started: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = solved / task.folder
    (folder / "notes.md").write_text("mine\n")
    (folder / "link").symlink_to("notes.md")
    monkeypatch.chdir(folder)
    before, names = content(folder), {entry.name for entry in own_work(task, solved)}
    assert names >= {".dvc", ".dvcignore", "data", "incoming", "append_month.py", "notes.md", "link"}
    assert not names & {"README.md", "test_task.py", "task.toml", "solution", "mistakes", "starter", "checking"}
    result = mlsd("reset", "1.1", "--yes")
    assert result.exit_code == 0, result.output
    (backup,) = (solved / ".mlsd/backups").iterdir()
    kept = content(backup / task.folder)
    assert kept == {path: data for path, data in before.items() if path.partition("/")[0] in names}
    assert {entry.name for entry in own_work(task, solved)} == {"append_month.py", "data", "incoming"}
    for path in ("append_month.py", "data/rentals.csv", "incoming/rentals-2025-02.csv"):
        assert (folder / path).read_bytes() == (started / task.folder / path).read_bytes()
    assert content(folder).keys() - kept.keys() == before.keys() - kept.keys()


def test_reset_asks_and_takes_no_for_an_answer(solved: Path, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved)
    before = content(solved / task.folder)
    result = mlsd("reset", "1.1", typed="n\n")
    assert result.exit_code != 0
    assert "These leave" in result.output
    assert content(solved / task.folder) == before
    assert not (solved / ".mlsd").exists()


def test_two_resets_in_one_second_keep_both(fresh: Path, task: Task) -> None:
    script = fresh / task.folder / "append_month.py"
    backups = []
    for text in ("first", "second", "third"):
        script.write_text(text)
        backups.append(set_aside(task, fresh, NOW))
    assert [(backup / "append_month.py").read_text() for backup in backups] == ["first", "second", "third"]


def test_reset_before_the_start_is_refused(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fresh / "learner.toml").unlink()
    monkeypatch.chdir(fresh)
    result = mlsd("reset", "1.1", "--yes")
    assert result.exit_code != 0
    assert "mlsd start 1.1" in result.output


def test_hints_come_one_at_a_time_and_the_last_stays(tmp_path: Path) -> None:
    said = [next_hint(tmp_path, "1.1/track", HINTS) for _ in range(5)]
    assert said == [(1, "Where?"), (2, "What?"), (3, "Do it."), (3, "Do it."), (3, "Do it.")]


def test_each_step_has_its_own_memory(tmp_path: Path) -> None:
    next_hint(tmp_path, "1.1/track", HINTS)
    next_hint(tmp_path, "1.1/track", HINTS)
    assert next_hint(tmp_path, "1.1/tag", HINTS) == (1, "Where?")
    assert next_hint(tmp_path, "1.1/track", HINTS) == (3, "Do it.")


@pytest.mark.parametrize(
    "memory",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"1.1/track": "2"}', b'{"1.1/track": -4}', b'{"1.1/track": true}',
     b'{"1.1/track": null}', b'{"1.1/track": 1.5}'],
)  # fmt: skip
def test_corrupted_memory_starts_again_at_the_first_hint(tmp_path: Path, memory: bytes) -> None:
    (tmp_path / MEMORY).parent.mkdir()
    (tmp_path / MEMORY).write_bytes(memory)
    assert next_hint(tmp_path, "1.1/track", HINTS) == (1, "Where?")
    assert next_hint(tmp_path, "1.1/track", HINTS) == (2, "What?")
    assert [path.name for path in (tmp_path / MEMORY).parent.iterdir()] == [MEMORY.name]


def test_memory_beyond_the_last_hint_gives_the_last(tmp_path: Path) -> None:
    (tmp_path / MEMORY).parent.mkdir()
    (tmp_path / MEMORY).write_text('{"1.1/track": 99}')
    assert next_hint(tmp_path, "1.1/track", HINTS) == (3, "Do it.")


def test_hint_is_for_the_first_unfinished_step(fresh: Path, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fresh / task.folder)
    first, second = mlsd("hint", "1.1"), mlsd("hint", "1.1", "init")
    assert "1.1/init" in first.output
    assert "hint 1 of 3" in first.output
    assert "mlsd hint 1.1 init" in first.output
    assert "hint 2 of 3" in second.output
    third = mlsd("hint", "1.1")
    assert "dvc init --subdir" in third.output
    assert "README.md#1-initialise-dvc" in third.output


def test_hint_where_everything_is_done(solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved)
    assert "Every step of task 1.1 is done." in mlsd("hint", "1.1").output
