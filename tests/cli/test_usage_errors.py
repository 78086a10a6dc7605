"""A mistake in a call: exit code 2, and one clear line on standard error that names the argument and what would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.grading.journal import Journal
from checks.rebuild.sandbox import SandboxUnavailable


def one_line(call, *says: str) -> None:
    assert call.code == 2, call
    assert call.out == ""
    assert call.err.startswith("mlsd: ")
    assert call.err.count("\n") == 1, call.err
    assert "Traceback" not in call.err
    for words in says:
        assert words in call.err


def test_a_verb_that_does_not_exist(mlsd) -> None:
    one_line(mlsd("chek"), "chek", "check")


def test_a_task_that_does_not_exist_gets_the_nearest_ones(mlsd) -> None:
    one_line(mlsd("check", "1.9"), "task '1.9'", "Did you mean 1.2 or 1.1")


def test_a_step_that_does_not_exist_gets_the_nearest_ones(mlsd) -> None:
    one_line(mlsd("check", "1.1/trak"), "'trak'", "Did you mean track")
    one_line(mlsd("hint", "1.1", "restor"), "'restor'", "Did you mean restore")


def test_a_mistake_that_does_not_exist_gets_the_nearest_ones(mlsd, tmp_path: Path) -> None:
    call = mlsd("solve", "1.1", "--mistake", "never-pusht", "--into", tmp_path / "new")
    one_line(call, "'never-pusht'", "Did you mean never-pushed")
    assert not (tmp_path / "new").exists()


def test_an_option_that_does_not_exist(mlsd) -> None:
    one_line(mlsd("check", "--reebuild"), "--reebuild", "--rebuild")


def test_a_format_that_does_not_exist(mlsd) -> None:
    one_line(mlsd("check", "--format", "yaml"), "--format", "yaml", "json")


def test_a_folder_that_does_not_exist(mlsd, tmp_path: Path) -> None:
    one_line(mlsd("check", "--in", tmp_path / "nowhere"), "--in", "nowhere", "does not exist")
    one_line(mlsd("grade", tmp_path / "nowhere"), "SUBMISSIONS", "nowhere")
    one_line(mlsd("check", "--course", tmp_path / "nowhere"), "--course", "nowhere")


def test_a_folder_without_submissions(mlsd, tmp_path: Path) -> None:
    one_line(mlsd("grade", tmp_path), "SUBMISSIONS", "is empty")


def test_a_malformed_course_names_the_file(mlsd, tmp_path: Path) -> None:
    folder = tmp_path / "1_module" / "task1_name"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text("title = 1\nminutes = [")
    one_line(mlsd("check", "--course", tmp_path), "task.toml")


def test_a_report_that_can_not_be_written(mlsd, solution: Path, tmp_path: Path) -> None:
    call = mlsd("check", "--in", solution, "--output", tmp_path / "no" / "report.json")
    one_line(call, "--output", "report.json")


def test_an_out_folder_that_is_a_file(mlsd, solution: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    one_line(mlsd("grade", solution.parent, "--out", tmp_path / "out"), "--out", "is a file")


def test_a_target_that_is_not_empty(mlsd, tmp_path: Path) -> None:
    (tmp_path / "work.txt").write_text("mine")
    one_line(mlsd("solve", "1.1", "--into", tmp_path), "--into", "is there already")
    assert (tmp_path / "work.txt").read_text() == "mine"


def test_reset_before_start(mlsd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    one_line(mlsd("reset", "1.1", "--yes"), "mlsd start 1.1")


def test_start_outside_a_clone(mlsd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    one_line(mlsd("start", "1.1", "--id", "ada@example.org"), "no Git repository", "git")
    assert not (tmp_path / "learner.toml").exists()


@pytest.mark.parametrize("learner_id", ["", "   ", "a" * 300])
def test_an_id_that_is_none(mlsd, fresh: Path, monkeypatch: pytest.MonkeyPatch, learner_id: str) -> None:
    (fresh / "learner.toml").unlink()
    monkeypatch.chdir(fresh)
    one_line(mlsd("start", "1.1", "--id", learner_id), "--id", "ada@example.org")
    assert not (fresh / "learner.toml").exists()


def test_no_sandbox_is_a_refusal_and_never_a_silent_run(mlsd, solution: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.rebuild.bubblewrap.unavailable", lambda: "bubblewrap is not installed")
    no_engine = SandboxUnavailable("no Docker engine answers", "start Docker")
    monkeypatch.setattr("checks.rebuild.container.unavailable", lambda: no_engine)
    call = mlsd("check", "1.1", "--in", solution, "--rebuild")
    one_line(call, "--rebuild", "bubblewrap is not installed", "start Docker", "--trust")


def test_branches_of_what_has_none(mlsd, solution: Path, tmp_path: Path) -> None:
    one_line(mlsd("grade", solution, "--branches", "solution/bob"), "--branches", "solution/ada-example-org")
    one_line(mlsd("grade", tmp_path, "--branches", "solution/*"), "--branches", "no .git folder")
    one_line(mlsd("grade", "--branches", "solution/*"), "--branches", "mlsd grade REPOSITORY")


def test_a_solution_without_a_place(mlsd, tmp_path: Path) -> None:
    one_line(mlsd("solve"), "TASK", "4.2", "--branch")
    one_line(mlsd("solve", "1.1"), "--into", "--branch")
    one_line(mlsd("solve", "--branch", "x", "--into", tmp_path / "new"), "--into", "--branch")
    one_line(mlsd("solve", "1.1", "--branch", "x", "--mistake", "y"), "--mistake", "--branch")
    one_line(mlsd("solve", "1.9", "--branch", "x"), "'1.9'", "Did you mean")


def test_a_branch_that_can_not_be_made(mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved)
    for name, says in (
        ("solution/ada-example-org", "git branch -D solution/ada-example-org"),
        ("solution", "solution/ada-example-org leaves no room"),
        ("solution/ada-example-org/again", "leaves no room"),
        ("no branch", "'no branch' can't be a branch's name"),
        ("", "'' can't be"),
        ("-x", "'-x' can't be"),
    ):
        one_line(mlsd("solve", "1.1", "--branch", name), says)


def test_two_runs_that_would_write_in_one_folder(mlsd, tmp_path: Path) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    out = tmp_path / "out"
    with Journal(out / "results.jsonl"):
        one_line(mlsd("grade", tmp_path / "class", "--out", out), "--out", f"another `mlsd grade` writes in {out}")
    assert mlsd("grade", tmp_path / "class", "--out", out).code == 0
