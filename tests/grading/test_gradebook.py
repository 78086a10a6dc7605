"""The files of a judged class: complete, replaced whole, and of the same numbers."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks.core.course import Course
from checks.grading import gradebook
from checks.grading.gradebook import write_gradebook
from checks.model import Outcome, Problem, StepResult, SubmissionReport, TaskReport


def _row(name: str, *outcomes: Outcome) -> SubmissionReport:
    steps = tuple(StepResult(f"1.1/s{n}", "Step", outcome, 2.0) for n, outcome in enumerate(outcomes))
    return SubmissionReport(name, (TaskReport("1.1", "Task", steps),))


ROWS = (
    _row("ada", Outcome.PASSED, Outcome.PASSED),
    _row("bob.zip", Outcome.FAILED, Outcome.BLOCKED),
    _row("cyd", Outcome.PASSED, Outcome.UNAVAILABLE),
    _row("dan", Outcome.ERROR, Outcome.PASSED),
    SubmissionReport("eve.tar", problem=Problem("unreadable-archive", "the archive is damaged")),
)


def test_all_files_are_written(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "not/there/yet"
    write_gradebook(course.report(ROWS), out)
    assert sorted(path.name for path in out.iterdir()) == ["feedback", "gradebook.csv", "index.html", "results.json"]
    feedback = sorted(path.name for path in (out / "feedback").iterdir())
    assert feedback == ["ada.md", "bob.zip.md", "cyd.md", "dan.md", "eve.tar.md"]


def test_scores_are_the_same_everywhere(course: Course, tmp_path: Path) -> None:
    write_gradebook(course.report(ROWS), tmp_path)
    rows = json.loads((tmp_path / "results.json").read_bytes())["submissions"]
    with (tmp_path / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["submission"] for row in table] == [row["submission"] for row in rows]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for row, line in zip(rows, table, strict=True):
        if "problem" in row:
            assert row["problem"]["detail"] in " ".join(line.values())
            assert row["problem"]["detail"] in page
            continue
        for key in ("score", "max_score", "total"):
            assert float(line[key]) == row[key], (row["submission"], key)


def test_again_replaces_everything(course: Course, tmp_path: Path) -> None:
    write_gradebook(course.report(ROWS), tmp_path)
    (tmp_path / "feedback/notes.md").write_text("of another run")
    (tmp_path / "kept.txt").write_text("not ours")
    write_gradebook(course.report(ROWS[:1]), tmp_path)
    assert [path.name for path in (tmp_path / "feedback").iterdir()] == ["ada.md"]
    assert "bob" not in (tmp_path / "gradebook.csv").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir() if not path.is_dir()) == [
        "gradebook.csv",
        "index.html",
        "kept.txt",
        "results.json",
    ]


def test_feedback_that_says_the_same_stays_the_file_that_it_was(course: Course, tmp_path: Path) -> None:
    """Whoever sends feedback out by what has changed sends nothing twice."""
    write_gradebook(course.report(ROWS), tmp_path)
    feedback = tmp_path / "feedback"
    before = {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in feedback.iterdir()}
    (feedback / "cyd.md").write_text("somebody wrote into it")
    os.replace(feedback / "dan.md", tmp_path / "elsewhere.md")
    os.symlink(tmp_path / "elsewhere.md", feedback / "dan.md")
    write_gradebook(course.report((_row("ada", Outcome.PASSED, Outcome.FAILED), *ROWS[1:])), tmp_path)
    after = {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in feedback.iterdir()}
    same = {name for name, facts in after.items() if facts == before[name]}
    assert same == {"bob.zip.md", "eve.tar.md"}
    assert not any(path.is_symlink() for path in feedback.iterdir())
    assert "somebody" not in (feedback / "cyd.md").read_text(encoding="utf-8")


def test_what_ends_in_the_middle_leaves_every_file_whole(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_gradebook(course.report(ROWS), tmp_path)
    before = shutil.copytree(tmp_path, tmp_path.with_name("before"))

    def stop(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "os", SimpleNamespace(replace=stop))
        with pytest.raises(KeyboardInterrupt):
            write_gradebook(course.report(ROWS[1:]), tmp_path)
    for path in before.rglob("*.*"):
        assert (tmp_path / path.relative_to(before)).read_bytes() == path.read_bytes()
    write_gradebook(course.report(ROWS[:2]), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".") and path.parent != tmp_path]
