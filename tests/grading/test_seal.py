"""A gradebook that would be written again as it is stays as it is; any other is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grading.small_class import hand_in
from tests.grading.test_resume import grade

CLASS = {"ada": "good", "bob": "bad", "cyd": "good"}


@pytest.fixture
def out(course_folder: Path, tmp_path: Path) -> Path:
    """The gradebook of a small class."""
    hand_in(tmp_path / "class", **CLASS)
    grade(course_folder, tmp_path / "class", tmp_path / "out")
    return tmp_path / "out"


def inodes(out: Path) -> dict[str, int]:
    """The files of a gradebook; one that is written again is another file."""
    return {
        path.name: path.stat().st_ino for path in out.rglob("*") if path.suffix in {".html", ".csv", ".json", ".md"}
    }


def test_nothing_is_written_where_nothing_is_new(course_folder: Path, tmp_path: Path, out: Path) -> None:
    before = inodes(out)
    said = grade(course_folder, tmp_path / "class", out)
    assert "3 of 3 have not changed" in said
    assert inodes(out) == before


def _shorten(out: Path) -> None:
    os.truncate(out / "gradebook.csv", 10)


@pytest.mark.parametrize(
    "change",
    [
        lambda out: (out / "index.html").unlink(),
        lambda out: (out / "feedback/ada.md").unlink(),
        lambda out: (out / "feedback/bob.md").write_text("10 of 10"),
        lambda out: (out / "feedback/eve.md").write_text("A stranger"),
        lambda out: (out / ".gradebook.json").write_text("{"),
        lambda out: (out / ".gradebook.json").unlink(),
        _shorten,
    ],
)
def test_a_gradebook_that_somebody_changed_is_written_again(
    course_folder: Path, tmp_path: Path, out: Path, change: Callable[[Path], object]
) -> None:
    wanted = {path.name: path.read_bytes() for path in (out / "feedback").iterdir()}
    table = (out / "gradebook.csv").read_bytes()
    change(out)
    grade(course_folder, tmp_path / "class", out)
    assert {path.name: path.read_bytes() for path in (out / "feedback").iterdir()} == wanted
    assert (out / "gradebook.csv").read_bytes() == table
    assert (out / "index.html").is_file()


def test_another_question_gets_another_gradebook(course_folder: Path, tmp_path: Path, out: Path) -> None:
    """What is asked of the class alone is not in a submission's line."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\nzoe,Zoe Zander\n")
    said = grade(course_folder, tmp_path / "class", out, "--roster", str(roster))
    assert "3 of 3 have not changed" in said
    assert "Zoe Zander" in (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    grade(course_folder, tmp_path / "class", out)
    assert "Zoe Zander" not in (out / "gradebook.csv").read_text(encoding="utf-8-sig")


def test_who_left_the_class_leaves_the_gradebook(course_folder: Path, tmp_path: Path, out: Path) -> None:
    (tmp_path / "class/bob").rename(tmp_path / "bob")
    grade(course_folder, tmp_path / "class", out)
    assert sorted(path.name for path in (out / "feedback").iterdir()) == ["ada.md", "cyd.md"]
