"""`mlsd start`: asks once, moves to the learner's branch, lays out the task, and never writes over work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygit2
import pytest

from checks.core.course import Course
from checks.core.task import Task
from checks.expect import Failure
from checks.learner.clone import NotAClone, keep_identity, read_identity, switch_to_solution
from checks.learner.layout import Placement, lay_out
from checks.model import Identity
from checks.selftest.build import clone_course
from tests.commands import git, mlsd

ADA = "ada@example.org"
BRANCH = "solution/ada-example-org"


@pytest.fixture
def clone(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh clone of the course, and the shell in it."""
    where = tmp_path / "clone"
    clone_course(course, where)
    monkeypatch.chdir(where)
    return where


def files(clone: Path) -> dict[str, bytes]:
    return {
        path.relative_to(clone).as_posix(): path.read_bytes()
        for path in clone.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(clone).parts
    }


def test_start_asks_once_and_lays_out_the_task(clone: Path, task: Task) -> None:
    result = mlsd("start", "1.1", typed=f"{ADA}\nAda\n")
    assert result.exit_code == 0, result.output
    assert "Your id" in result.output
    assert git(clone, "branch", "--show-current") == BRANCH
    assert read_identity(clone) == Identity(ADA, "Ada")
    folder = clone / task.folder
    assert {"append_month.py", "data/rentals.csv", "incoming/rentals-2025-02.csv"} <= set(files(folder))
    before = files(clone)
    again = mlsd("start", "1.1")
    assert again.exit_code == 0
    assert "Your id" not in again.output
    assert "already there" in again.output
    assert files(clone) == before
    assert git(clone, "branch", "--show-current") == BRANCH


def test_start_never_writes_over_changed_files(clone: Path, task: Task) -> None:
    mlsd("start", "1.1", "--id", ADA)
    data, script = clone / task.folder / "data/rentals.csv", clone / task.folder / "append_month.py"
    data.write_text("mine\n")
    script.unlink()
    script.symlink_to("/nowhere")
    result = mlsd("start", "1.1")
    assert result.exit_code == 0
    assert result.output.count("kept: it is not the file that the course lays out") == 2
    assert data.read_text() == "mine\n"
    assert script.is_symlink()


def test_start_brings_back_what_was_deleted(clone: Path, task: Task) -> None:
    mlsd("start", "1.1", "--id", ADA)
    data = clone / task.folder / "data/rentals.csv"
    before = data.read_bytes()
    data.unlink()
    assert "+ data/rentals.csv  (written)" in mlsd("start", "1.1").output
    assert data.read_bytes() == before
    assert not list(data.parent.glob("*.unfinished"))


def test_line_ends_of_windows_are_no_change(task: Task, tmp_path: Path) -> None:
    lay_out(task, tmp_path, ADA)
    script = tmp_path / "append_month.py"
    script.write_bytes(script.read_bytes().replace(b"\n", b"\r\n"))
    assert {placed.placement for placed in lay_out(task, tmp_path, ADA)} == {Placement.PRESENT}


def test_another_id_is_refused(clone: Path) -> None:
    mlsd("start", "1.1", "--id", ADA)
    before = files(clone)
    result = mlsd("start", "1.1", "--id", "eve@example.org")
    assert result.exit_code != 0
    assert f"this clone belongs to {ADA}" in " ".join(result.output.split())
    assert files(clone) == before
    assert git(clone, "branch", "--list", "solution/*").strip("* ") == BRANCH
    assert mlsd("start", "1.1", "--id", f"  {ADA} ").exit_code == 0


@pytest.mark.parametrize("wrong", ["", "   ", "x" * 300])
def test_useless_id_is_refused_and_nothing_is_written(clone: Path, wrong: str) -> None:
    before = files(clone)
    assert mlsd("start", "1.1", "--id", wrong).exit_code != 0
    assert files(clone) == before
    assert "solution" not in git(clone, "branch")


def test_malformed_learner_file_is_named(clone: Path) -> None:
    (clone / "learner.toml").write_text("id = \n")
    with pytest.raises(Failure, match=r"learner\.toml"):
        read_identity(clone)
    assert "learner.toml" in mlsd("start", "1.1").output


def test_start_comes_back_to_the_branch_from_another(clone: Path) -> None:
    mlsd("start", "1.1", "--id", ADA)
    git(clone, "commit", "-q", "--allow-empty", "-m", "Work")
    tip = git(clone, "rev-parse", "HEAD")
    git(clone, "switch", "-q", "main")
    assert f"On branch {BRANCH}" in mlsd("start", "1.1").output
    assert git(clone, "rev-parse", "HEAD") == tip
    git(clone, "switch", "-q", "--detach", "main")
    mlsd("start", "1.1")
    assert git(clone, "branch", "--show-current") == BRANCH


def test_start_takes_uncommitted_changes_along_to_a_new_branch(clone: Path) -> None:
    (clone / "README.md").write_text("changed\n")
    assert mlsd("start", "1.1", "--id", ADA).exit_code == 0
    assert (clone / "README.md").read_text() == "changed\n"


def test_start_does_not_lose_changes_that_another_branch_would_overwrite(clone: Path) -> None:
    mlsd("start", "1.1", "--id", ADA)
    (clone / "README.md").write_text("the branch's\n")
    git(clone, "commit", "-qam", "Work")
    git(clone, "switch", "-q", "main")
    (clone / "README.md").write_text("not committed\n")
    with pytest.raises(NotAClone, match=rf"can't move to {BRANCH}.*Commit your changes"):
        switch_to_solution(clone, ADA)
    assert (clone / "README.md").read_text() == "not committed\n"
    assert git(clone, "branch", "--show-current") == "main"


def test_folders_that_are_no_clone_are_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(NotAClone, match="is no Git repository"):
        switch_to_solution(tmp_path, ADA)
    pygit2.init_repository(str(tmp_path))
    with pytest.raises(NotAClone, match="has no commit yet"):
        switch_to_solution(tmp_path, ADA)


def test_branch_in_the_way_is_named(clone: Path) -> None:
    git(clone, "branch", "solution")
    with pytest.raises(NotAClone, match="Rename the branch that is in the way"):
        switch_to_solution(clone, ADA)


@pytest.mark.parametrize(
    "learner", ["a" * 254, "張偉明@example.org", "../../etc/passwd", "-x", "a b\tc", "..", ".lock"]
)
def test_unusual_ids_have_a_branch(clone: Path, learner: str) -> None:
    branch, created = switch_to_solution(clone, learner)
    assert created
    assert git(clone, "branch", "--show-current") == branch
    assert switch_to_solution(clone, learner) == (branch, False)


def test_identity_is_written_once(tmp_path: Path) -> None:
    assert read_identity(tmp_path) is None
    keep_identity(tmp_path, Identity(ADA, "Ada"))
    keep_identity(tmp_path, Identity("eve@example.org", "Eve"))
    assert read_identity(tmp_path) == Identity(ADA, "Ada")
