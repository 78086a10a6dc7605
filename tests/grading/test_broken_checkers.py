"""A checker that breaks, ends its process or never ends costs nobody else a grade."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checks import limits
from checks.course.course import load_course
from checks.grading import cohort
from checks.grading.cohort import grade_all
from checks.grading.selection import select

TASK = "1_module/task1_task"
TASK_TOML = """title = "A task"
minutes = 1
level = "beginner"
tools = []

[steps.first]
title = "The file is there"
points = 2
hints = ["a", "b", "c"]
anchor = "first"

[steps.second]
title = "Behind it"
points = 1
needs = ["first"]
hints = ["a", "b", "c"]
anchor = "second"

[steps.third]
title = "By itself"
points = 1
hints = ["a", "b", "c"]
anchor = "third"
"""
CHECKER = f'''
import os, sys
from checks import expect, step

@step("first")
def test_first(work):
    word = work.files.read("{TASK}/word").decode()
    if word == "exit":
        os._exit(1)
    if word == "raise":
        raise RuntimeError("the checker is wrong")
    if word == "system exit":
        sys.exit(0)
    while word == "endless":
        pass
    if word == "stuck":
        sum(range(10**15))  # one call into C, which no exception can end
    expect.that(word == "good", looked_at="word", expected="good", found=word, fix="write good")

@step("second")
def test_second(work):
    pass

@step("third")
def test_third(work):
    pass
'''


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course of one task."""
    folder = tmp_path / "course"
    (folder / TASK).mkdir(parents=True)
    (folder / TASK / "task.toml").write_text(TASK_TOML)
    (folder / TASK / "test_task.py").write_text(CHECKER)
    return folder


def hand_in(folder: Path, **words: str) -> Path:
    """A class: the name of each submission, and the word in it."""
    for name, word in words.items():
        (folder / name / TASK).mkdir(parents=True)
        (folder / name / TASK / "word").write_text(word)
    return folder


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


def test_few_are_judged_again_after_a_crash(
    course_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those in flight alone: a class of thousands must not go on one by one."""
    course = load_course(course_folder)
    words = {f"s{number:02}": "exit" if number == 0 else "good" for number in range(40)}
    paths = cohort.find_submissions(hand_in(tmp_path / "class", **words))
    pools = []
    real = cohort.ProcessPoolExecutor

    def counted(jobs: int, **named: object) -> object:
        pools.append(jobs)
        return real(jobs, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(cohort, "ProcessPoolExecutor", counted)
    reports = list(grade_all((course, select(course, []), None), paths, 2))
    assert sorted(report.submission for report in reports) == sorted(words)
    assert pools.count(1) <= 4
    assert pools.count(2) <= 2


def test_who_never_ends_is_ended(course_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SUBMISSION_SECONDS", 0.3)
    course = load_course(course_folder)
    words = {"ada": "good", "bob": "endless", "cyd": "stuck", "dan": "good"}
    paths = cohort.find_submissions(hand_in(tmp_path / "class", **words))
    rows = {row.submission: row for row in grade_all((course, select(course, []), None), paths, 2)}
    assert rows["ada"].score == rows["dan"].score == 4
    problems = [row.problem.kind for row in (rows["bob"], rows["cyd"]) if row.problem]
    assert problems == ["too-slow", "crashed"]
