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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("chek", ["chek", "check"]),
        ("check 1.9", ["task '1.9'", "Did you mean 1.2 or 1.1"]),
        ("check 1.1/trak", ["'trak'", "Did you mean track"]),
        ("hint 1.1 restor", ["'restor'", "Did you mean restore"]),
        ("check --reebuild", ["--reebuild", "--rebuild"]),
        ("check --format yaml", ["--format", "yaml", "json"]),
        ("check --in {tmp}/nowhere", ["--in", "nowhere", "does not exist"]),
        ("check --course {tmp}/nowhere", ["--course", "nowhere"]),
        ("check --in {solution} --output {tmp}/no/report.json", ["--output", "report.json"]),
        ("grade {tmp}/nowhere", ["SUBMISSIONS", "nowhere"]),
        ("grade {tmp}", ["SUBMISSIONS", "is empty"]),
        ("grade {solution} --out {solution}/learner.toml", ["--out", "is a file"]),
        ("grade {solution} --branches solution/bob", ["--branches", "solution/ada-example-org"]),
        ("grade {tmp} --branches solution/*", ["--branches", "no .git folder"]),
        ("grade --branches solution/*", ["--branches", "mlsd grade REPOSITORY"]),
        ("solve", ["TASK", "4.2", "--branch"]),
        ("solve 1.1", ["--into", "--branch"]),
        ("solve --branch x --into {tmp}/new", ["--into", "--branch"]),
        ("solve 1.1 --branch x --mistake y", ["--mistake", "--branch"]),
        ("solve 1.9 --branch x", ["'1.9'", "Did you mean"]),
        ("solve 1.1 --mistake never-pusht --into {tmp}/new", ["'never-pusht'", "Did you mean never-pushed"]),
    ],
)
def test_a_mistake_in_a_call(mlsd, solution: Path, tmp_path: Path, words: str, says: list[str]) -> None:
    one_line(mlsd(*(word.format(tmp=tmp_path, solution=solution) for word in words.split())), *says)
    assert not list(tmp_path.iterdir())


def test_a_malformed_course_names_the_file(mlsd, tmp_path: Path) -> None:
    folder = tmp_path / "1_module" / "task1_name"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text("title = 1\nminutes = [")
    one_line(mlsd("check", "--course", tmp_path), "task.toml")


def test_a_target_that_is_not_empty(mlsd, tmp_path: Path) -> None:
    (tmp_path / "work.txt").write_text("mine")
    one_line(mlsd("solve", "1.1", "--into", tmp_path), "--into", "is there already")
    assert (tmp_path / "work.txt").read_text() == "mine"


def test_before_there_is_a_clone(mlsd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    one_line(mlsd("reset", "1.1", "--yes"), "mlsd start 1.1")
    one_line(mlsd("start", "1.1", "--id", "ada@example.org"), "no Git repository", "git")
    assert not (tmp_path / "learner.toml").exists()


def test_an_id_of_somebody_else(mlsd, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fresh)
    one_line(mlsd("start", "1.1", "--id", "eve@example.org"), "belongs to ada@example.org")


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
