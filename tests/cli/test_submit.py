"""`mlsd submit` as a learner meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.selftest.build import run_git

TASK = "1_model_versioning/task1_intro_to_dvc"


def test_submit_and_check_what_was_submitted(mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved / TASK)
    call = mlsd("submit")
    archive = solved / "ada-example-org.tar.gz"
    assert (call.code, call.out) == (0, f"{archive}\n")
    assert "Ada Example (ada@example.org): task 1.1, commit " in call.err
    assert "Not in it, as you have not begun them: 1.2, 2.1, 2.2, 3.1, 3.2\n" in call.err
    assert call.err.endswith(f"Look at it as it will be graded: mlsd check 1.1 --in {archive}\n")
    assert "Git: solution/ada-example-org with 2 tags" in call.err
    assert "note:" not in call.err
    assert run_git(["status", "--porcelain"], solved) == ""
    checked = mlsd("check", "1.1", "--in", archive)
    assert checked.code == 0
    assert "score 10 / 10" in checked.out


def test_output_elsewhere_and_what_is_not_committed(
    mlsd, solved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(solved)
    (solved / TASK / "more.py").write_text("x = 1\n")
    call = mlsd("submit", "--output", tmp_path / "mine.tar.gz")
    assert (call.code, call.out) == (0, f"{tmp_path / 'mine.tar.gz'}\n")
    assert f"note: not committed, and what is in no commit proves nothing:\n      {TASK}/more.py\n" in call.err
    assert "      If it belongs to your work: git add, git commit, and mlsd submit again.\n" in call.err


def test_of_many_uncommitted_files_a_few_are_named_and_escaped(
    mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(solved)
    for number in range(10):
        (solved / TASK / f"{number}\x1b[2J.py").write_text("x = 1\n")
    said = mlsd("submit").err
    assert f"      {TASK}/7\\x1b[2J.py\n      and 2 more: git status\n" in said
    assert "\x1b" not in said


def test_a_folder_with_a_space_can_be_copied(mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (solved.parent / "my work").mkdir()
    monkeypatch.chdir(solved)
    target = solved.parent / "my work/ada.tar.gz"
    assert f'--in "{target}"\n' in mlsd("submit", "--output", target).err


@pytest.mark.parametrize("output", [".", "no/such/folder/ada.tar.gz"])
def test_no_place_for_a_file(output: str, mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(solved)
    call = mlsd("submit", "--output", output)
    assert call.code == 2
    assert f"{output} is no place for a file" in call.err
    assert call.err.count("\n") == 1


def test_before_anything_was_started(mlsd, solved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_git(["rm", "--quiet", "learner.toml"], solved)
    run_git(["commit", "--quiet", "--message", "Forget who I am"], solved)
    monkeypatch.chdir(solved)
    call = mlsd("submit")
    assert call.code == 2
    assert "mlsd start" in call.err
    assert call.err.count("\n") == 1
