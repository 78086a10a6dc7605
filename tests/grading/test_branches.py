"""One repository with many branches: a row a branch, as if the branch had been handed in alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.clone import Form
from checks.core.course import Course
from checks.core.selection import select
from checks.grading.job import Assignment, judge
from checks.model import Outcome, SubmissionReport
from checks.submissions.branches import Branch, NoBranchError, find_branches
from checks.submissions.check import check_submission
from checks.submissions.submission import open_submission
from tests.commands import git
from tests.grading.ground import TASK, untouched

ADA = "solution/ada-example-org"


@pytest.fixture
def shared(solution: Path, tmp_path: Path) -> Path:
    """A repository on its main branch: Ada has finished and tagged behind a prefix, Bob has both months and no tag."""
    folder = tmp_path / "class"
    git(tmp_path, "clone", "--quiet", "--no-tags", str(solution), str(folder))
    for tag in ("data-v1.0.0", "data-v1.1.0"):
        git(folder, "tag", f"ada/{tag}", git(solution, "rev-parse", tag))
    first = git(folder, "commit-tree", f"{ADA}~2^{{tree}}", "-p", f"{ADA}~3", "-m", "Month 1")
    git(folder, "branch", "solution/bob", git(folder, "commit-tree", f"{ADA}~1^{{tree}}", "-p", first, "-m", "Month 2"))
    git(folder, "switch", "--quiet", "--detach", f"{ADA}~4")
    return folder


def graded(course: Course, branch: Branch) -> SubmissionReport:
    report = judge(Assignment(course, select(course, ["1.1"])), branch).report
    tasks = tuple(
        replace(task, steps=tuple(replace(step, seconds=0.0) for step in task.steps)) for task in report.tasks
    )
    return replace(report, tasks=tasks)


def outcomes(report: SubmissionReport) -> list[str]:
    return [step.outcome.value for step in report.steps]


def test_each_branch_is_a_row_and_nothing_is_checked_out_or_copied(course: Course, shared: Path) -> None:
    before = untouched(shared)
    ada, bob = find_branches(shared, "solution/*")
    assert (ada.name, bob.name) == (ADA, "solution/bob")
    assert outcomes(graded(course, ada)) == ["passed"] * 4 + ["unavailable"] * 2
    assert outcomes(graded(course, bob)) == ["passed", "passed", "passed", "failed", "blocked", "blocked"]
    assert graded(course, ada).commit == git(shared, "rev-parse", ADA)
    assert untouched(shared) == before


def test_a_branch_is_judged_as_a_bare_repository_with_it_alone_is(course: Course, shared: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.git"
    git(shared, "clone", "--quiet", "--bare", "--single-branch", "--branch", ADA, ".", str(alone))
    (branch,) = find_branches(shared, ADA)
    expected = check_submission(course, alone, select(course, ["1.1"]))
    assert outcomes(graded(course, branch)) == outcomes(expected)


def test_working_files_belong_to_no_branch(course: Course, solution: Path) -> None:
    (branch,) = find_branches(solution, ADA)
    assert (solution / TASK / "data/rentals.csv").is_file()
    with open_submission(course, branch) as clone:
        assert clone.form is Form.BRANCH
        assert not clone.files.is_file(f"{TASK}/data/rentals.csv")
        assert not clone.files.is_folder(".storage")


def test_tags_of_others_are_none_of_a_branch(course: Course, shared: Path) -> None:
    (bob,) = find_branches(shared, "solution/bob")
    tag = next(step for step in graded(course, bob).steps if step.step == "1.1/tag")
    assert tag.outcome is Outcome.FAILED
    assert tag.found == "no tag"
    assert (tag.fix or "").startswith("git tag data-v1.0.0 ")


def test_packed_references_and_bare_repositories(shared: Path, tmp_path: Path) -> None:
    git(shared, "pack-refs", "--all")
    git(tmp_path, "clone", "--quiet", "--bare", str(shared), "bare.git")
    for repository in (shared, tmp_path / "bare.git"):
        assert [branch.name for branch in find_branches(repository, "solution/*")] == [ADA, "solution/bob"]


def test_fetched_branches_count_and_lose_no_row(shared: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(shared), "mine")
    mine = tmp_path / "mine"
    names = [branch.name for branch in find_branches(mine, "solution/*")]
    assert names == [ADA, "solution/bob"]
    git(mine, "branch", "solution/bob", "origin/solution/bob")
    assert [branch.name for branch in find_branches(mine, "solution/*")] == names
    git(mine, "branch", "--force", "solution/bob", "origin/solution/bob~1")
    found = {branch.name: branch.reference for branch in find_branches(mine, "solution/*")}
    assert found == {
        ADA: f"refs/remotes/origin/{ADA}",
        "solution/bob": "refs/heads/solution/bob",
        "origin/solution/bob": "refs/remotes/origin/solution/bob",
    }


def test_no_branch_names_those_that_there_are(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(NoBranchError, match=r"no branch of .* matches 'solutions/\*'; its branches are .*solution/bob"):
        find_branches(shared, "solutions/*")
    for number in range(20):
        git(shared, "branch", f"b{number:02}")
    with pytest.raises(NoBranchError, match=r"b00, b01, .* and \d+ more"):
        find_branches(shared, "x")
    with pytest.raises(NoBranchError, match=r"no \.git folder"):
        find_branches(tmp_path, "x")
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(NoBranchError, match="no branch with a commit"):
        find_branches(tmp_path / "empty", "*")


def test_a_damaged_branch_is_a_row_too(course: Course, shared: Path) -> None:
    missing = shared / ".git/refs/heads/solution/cyd"
    missing.write_text("0" * 39 + "1\n")
    (cyd,) = find_branches(shared, "solution/cyd")
    assert outcomes(graded(course, cyd)) == ["failed"] + ["blocked"] * 5


def test_mlsd_grade_writes_a_row_for_each(shared: Path, tmp_path: Path) -> None:
    from checks.cli.main import main

    call = ["grade", str(shared), "--branches", "solution/*", "--task", "1.1", "--out", str(tmp_path / "out")]
    assert main(call) == 0
    rows = json.loads((tmp_path / "out/results.json").read_bytes())["submissions"]
    assert [(row["submission"], row["score"]) for row in rows] == [(ADA, 6), ("solution/bob", 5)]
    assert len(list((tmp_path / "out/feedback").iterdir())) == 2
