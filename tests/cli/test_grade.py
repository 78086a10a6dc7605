"""`mlsd grade`: what it says in the end."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def test_what_could_not_be_looked_at_is_no_full_mark(mlsd, solution: Path, solved: Path, tmp_path: Path) -> None:
    task = solved / "1_model_versioning/task1_intro_to_dvc"
    config = task / ".dvc/config"
    config.write_text("[core]\n    remote = s\n['remote \"s\"']\n    url = s3://bucket/rentals\n", encoding="utf-8")
    subprocess.run(["git", "commit", "-qam", "Move to a bucket"], cwd=task, check=True)
    folder = tmp_path / "class"
    folder.mkdir()
    shutil.move(solved, folder / "in-a-cloud")
    shutil.copytree(solution, folder / "ada", symlinks=True)
    call = mlsd("grade", folder, "--out", tmp_path / "out", "--task", "1.1", "--jobs", "1")
    assert call.code == 0
    assert "2 submissions: 1 with full marks, 0 that could not be read" in call.out


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
