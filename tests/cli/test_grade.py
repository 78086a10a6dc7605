"""`mlsd grade`: what it says in the end."""

from __future__ import annotations

from pathlib import Path


def test_a_place_where_nothing_can_be_written(mlsd, tmp_path: Path) -> None:
    """Below a file, and where results.jsonl would be something else."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ada.zip").touch()
    (tmp_path / "out/results.jsonl").mkdir(parents=True)
    for out in (tmp_path / "class/ada.zip/out", tmp_path / "out"):
        call = mlsd("grade", tmp_path / "class", "--out", out)
        assert call.code == 2
        assert "can't write in" in " ".join(call.err.split())
        assert "--out" in call.err


def test_one_clone_is_a_class_of_one(mlsd, solution: Path, tmp_path: Path) -> None:
    """As Gradescope lays it out, and as somebody does who names the clone in place of the folder around it."""
    call = mlsd("grade", solution, "--out", tmp_path / "out", "--task", "1.1", "--jobs", "1")
    assert call.code == 0
    assert "graded as a class of one" in call.err
    assert "1 submission: 1 with full marks" in call.out
