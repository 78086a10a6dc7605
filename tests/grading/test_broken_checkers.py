"""A checker that breaks, ends its process or never ends costs nobody else a grade."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checks import limits
from checks.core.course import load_course
from checks.grading.journal import Journal
from tests.grading.small_class import hand_in, judged


def grade(course: Path, submissions: Path, out: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and the rows by name."""
    done = subprocess.run(
        [Path(sys.executable).with_name("mlsd"), "grade", submissions, "--course", course, "--out", out, "--jobs", "2"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    rows = json.loads((out / "results.json").read_bytes())["submissions"]
    return done.returncode, {row["submission"]: row for row in rows}


def outcomes(row: dict[str, Any]) -> list[str]:
    """How the steps came out."""
    return [step["outcome"] for task in row["tasks"] for step in task["steps"]]


def test_a_checker_that_raises_is_our_error(course_folder: Path, tmp_path: Path) -> None:
    words = {"ada": "good", "bob": "raise", "cyd": "bad", "dan": "system exit"}
    code, rows = grade(course_folder, hand_in(tmp_path / "class", **words), tmp_path / "out")
    assert code == 3
    assert outcomes(rows["ada"]) == ["passed"] * 3
    assert outcomes(rows["cyd"]) == ["failed", "blocked", "passed"]
    for name in ("bob", "dan"):
        assert outcomes(rows[name]) == ["error", "unavailable", "passed"]
        assert (rows[name]["score"], rows[name]["max_score"], rows[name]["total"]) == (1, 1, 4)
        assert "this is not your fault" in rows[name]["tasks"][0]["steps"][0]["reason"]


def test_who_ends_the_process_gets_a_row_that_says_so(course_folder: Path, tmp_path: Path) -> None:
    words = {f"s{number:02}": "exit" if number in (3, 4, 11) else "good" for number in range(16)}
    code, rows = grade(course_folder, hand_in(tmp_path / "class", **words), tmp_path / "out")
    assert code == 0
    assert list(rows) == sorted(words)
    for name, word in words.items():
        if word == "exit":
            assert rows[name]["problem"]["kind"] == "crashed"
        else:
            assert outcomes(rows[name]) == ["passed"] * 3


def test_a_crash_costs_nobody_else_anything(course_folder: Path, tmp_path: Path) -> None:
    """A class of thousands goes on as before: whoever was in flight beside it is judged once."""
    words = {f"s{number:02}": "exit" if number == 0 else "good" for number in range(20)}
    course = load_course(course_folder)
    with Journal(tmp_path / "results.jsonl") as journal:
        rows = judged(course, hand_in(tmp_path / "class", **words), journal)
    assert {name for name, row in rows.items() if row.problem} == {"s00"}
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 20


def test_a_crash_costs_nobody_else_of_its_group_anything(course_folder: Path, tmp_path: Path) -> None:
    """Many go to a process together, where there are many: who ended it is found by giving each alone."""
    words = {f"s{number:03}": "exit" if number in (0, 5, 77) else "good" for number in range(150)}
    course = load_course(course_folder)
    with Journal(tmp_path / "results.jsonl") as journal:
        rows = judged(course, hand_in(tmp_path / "class", **words), journal)
    assert {name for name, row in rows.items() if row.problem} == {"s000", "s005", "s077"}
    assert {row.score for row in rows.values() if not row.problem} == {4}
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 150


def test_who_never_ends_is_ended(course_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SUBMISSION_SECONDS", 0.3)
    course = load_course(course_folder)
    words = {"ada": "good", "bob": "endless", "cyd": "stuck", "dan": "good"}
    with Journal(tmp_path / "results.jsonl") as journal:
        rows = judged(course, hand_in(tmp_path / "class", **words), journal)
    assert rows["ada"].score == rows["dan"].score == 4
    problems = [row.problem.kind for row in (rows["bob"], rows["cyd"]) if row.problem]
    assert problems == ["too-slow", "crashed"]
