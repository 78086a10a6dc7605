"""`mlsd solve TASK/STEP --show`: the reference, for who has earned it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def at_work(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which nothing was done, as the current folder."""
    monkeypatch.chdir(fresh)
    return fresh


def test_after_the_last_hint_and_not_before(mlsd, at_work: Path) -> None:
    for left in ("3 hints are", "2 hints are", "1 hint is"):
        call = mlsd("solve", "1.1/track", "--show")
        assert (call.code, call.out) == (1, "")
        assert f"1.1/track has not passed yet, and {left} left: mlsd hint 1.1 track." in " ".join(call.err.split())
        hint = mlsd("hint", "1.1", "track")
    assert "mlsd solve 1.1/track --show" in hint.out
    call = mlsd("solve", "1.1/track", "--show")
    assert call.code == 0
    assert "type:\n  dvc add data/rentals.csv\n" in call.out
    assert "mlsd check" not in call.out
    assert "Why so: 1_model_versioning/task1_intro_to_dvc/README.md#2-track-the-first-month" in call.out


def test_of_a_step_that_has_passed(mlsd, solved: Path, monkeypatch) -> None:
    monkeypatch.chdir(solved)
    call = mlsd("solve", "1.1/tag", "--show")
    assert call.code == 0
    assert "git tag data-v1.1.0" in call.out


def test_files_are_held_against_ones_own(mlsd, at_work: Path) -> None:
    for _ in range(3):
        mlsd("hint", "1.2", "stages")
    folder = at_work / "1_model_versioning/task2_advanced_dvc"
    folder.mkdir(exist_ok=True)
    (folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    said = mlsd("solve", "1.2/stages", "--show").out
    assert "write pipeline/train.py:" in said
    assert "dvc.yaml, against yours:\n  --- yours\n  +++ the reference\n" in said
    assert "\n  -stages: {}\n  +" in said


def test_changes_of_a_script_and_a_second_terminal(mlsd, at_work: Path) -> None:
    for _ in range(3):
        mlsd("hint", "2.1", "params")
    said = mlsd("solve", "2.1/params", "--show").out
    assert "in track.py, in the place of the line from `# TODO 2`:" in said
    assert "start, in a second terminal:\n  mlflow ui --port 5000\n" in said


@pytest.mark.parametrize("words", [["1.1"], ["1.1/track", "--into", "x"], []])
def test_it_takes_one_step_and_nothing_else(mlsd, at_work: Path, words: list[str]) -> None:
    call = mlsd("solve", *words, "--show")
    assert call.code == 2
    assert "--show takes one step" in call.err
