"""`mlsd solve`: with `--show` for who has earned it; with `--branch` its commits and tags arrive, and nothing else changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checks.core.course import Course, load_course
from tests.commands import git

TASK_TOML = """title = "Two commits"
minutes = 5
level = "beginner"
tools = []

[steps.one]
title = "The file is there"
points = 1
anchor = "1-make-it"
hints = ["Where?", "What?", "touch one"]
"""
SOLUTION = """touch one ignored
git add one ../../learner.toml
git commit --quiet -m "Add one"
git tag v1
echo two > one
git commit --quiet -a -m "Change one"
"""


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of two tasks in a repository, where a class keeps its branches and tags too."""
    root = tmp_path / "course"
    for number in "12":
        folder = root / f"1_small/task{number}_two"
        for path, text in (("task.toml", TASK_TOML), ("starter/hello.txt", "hello\n"), ("solution/solve.sh", SOLUTION)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text.replace("v1", f"v{number}"))
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "The course")
    git(root, "branch", "solution/bob")
    git(root, "tag", "v1")
    return load_course(root)


def solve(mlsd, course: Course, *words: str, code: int = 0):
    call = mlsd("solve", *words, "--course", course.path)
    assert call.code == code, call
    return call


def test_the_branch_has_the_learner_s_commits_and_nothing_else_changes(mlsd, small: Course) -> None:
    (small.path / "mine.txt").write_text("not committed")
    before = git(small.path, "status", "--porcelain", "--branch"), git(small.path, "for-each-ref")
    call = solve(mlsd, small, "--branch", "solution/reference")
    assert "--branches 'solution/reference' --rebuild" in call.out
    assert "solved 1.1 Two commits" in call.err
    assert "solved 1.2 Two commits" in call.err
    subjects = git(small.path, "log", "--format=%s|%an", "solution/reference").splitlines()
    assert subjects == [*["Change one|Ada Example", "Add one|Ada Example"] * 2, "The course|Ada Example"]
    assert git(small.path, "show", "solution/reference:1_small/task2_two/one") == "two"
    assert git(small.path, "status", "--porcelain", "--branch") == before[0]
    new = set(git(small.path, "for-each-ref", "--format=%(refname)").splitlines())
    assert {name for name in new if name not in before[1].split()} == {
        "refs/heads/solution/reference",
        "refs/tags/solution/reference/v1",
        "refs/tags/solution/reference/v2",
    }
    assert git(small.path, "rev-parse", "solution/reference/v2") == git(small.path, "rev-parse", "solution/reference~1")


def test_one_task_of_it(mlsd, small: Course) -> None:
    solve(mlsd, small, "1.2", "--branch", "solution/second")
    assert git(small.path, "tag").split() == ["solution/second/v2", "v1"]
    solve(mlsd, small, "1.2", "--branch", "solution/second", code=2)
    solve(mlsd, small, "1.2", "--branch", "solution/third")


def test_what_can_not_be_built_is_said_and_left_out(mlsd, small: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = {"1.1": "there is no command `conda`"}
    monkeypatch.setattr("checks.selftest.build.missing_tool", lambda task: missing.get(task.id))
    call = solve(mlsd, small, "--branch", "solution/reference")
    assert "left out: 1.1 Two commits, as there is no command `conda`" in call.err
    assert "solution/reference holds the reference solution, without 1.1" in call.out
    assert git(small.path, "ls-tree", "-r", "--name-only", "solution/reference").count("/one") == 1
    call = solve(mlsd, small, "1.1", "--branch", "solution/none", code=3)
    assert "the branch was not made" in call.err
    assert "solution/none" not in git(small.path, "branch")


def test_a_script_that_fails_makes_no_branch(mlsd, small: Course) -> None:
    (small.task("1.2").path / "solution/solve.sh").write_text("echo too bad\nfalse\n")
    call = solve(mlsd, small, "--branch", "solution/reference", code=3)
    assert "too bad" in call.err
    assert "Traceback" not in call.err
    assert git(small.path, "for-each-ref").count("reference") == 0


def test_not_on_top_of_a_learner_s_work(mlsd, small: Course) -> None:
    (small.path / "learner.toml").write_text('id = "bob@example.org"\n')
    solve(mlsd, small, "--branch", "solution/one")  # it is not committed
    git(small.path, "add", "learner.toml")
    git(small.path, "commit", "--quiet", "-m", "Who I am")
    call = solve(mlsd, small, "--branch", "solution/two", code=2)
    assert "git switch main" in call.err
    assert call.err.count("\n") == 1


def test_only_in_a_clone(mlsd, small: Course) -> None:
    shutil.rmtree(small.path / ".git")
    call = solve(mlsd, small, "--branch", "solution/reference", code=2)
    assert "is no Git repository" in call.err


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
