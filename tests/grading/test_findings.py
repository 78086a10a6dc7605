"""Two real solutions of two learners, what one of them could take from the other, and what is told of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.core.clone import Clone
from checks.core.course import Course, load_course
from checks.core.task import Task
from checks.core.workspace import Workspace
from checks.findings import find, submission_evidence, task_evidence
from checks.findings.fingerprint import TaskPrint, WholePrint, fingerprint
from checks.model import Finding
from checks.selftest import build
from tests.grading.some_scripts import OTHER_SCRIPT, OWN_SCRIPT, RENAMED_SCRIPT


class Pair:
    """Ada's and Bob's own solutions of a task, Bob's to change."""

    def __init__(self, task: Task, ada: Path, bob: Path) -> None:
        self.task, self.ada, self.bob = task, ada, bob

    def inner(self, clone: Path, path: str = "") -> Path:
        return clone / self.task.folder / path

    def take(self, *paths: str) -> None:
        """Bob takes files of Ada's."""
        for path in paths:
            mine, hers = self.inner(self.bob, path), self.inner(self.ada, path)
            if hers.is_dir():
                shutil.rmtree(mine, ignore_errors=True)
                shutil.copytree(hers, mine, symlinks=True)
            else:
                shutil.copyfile(hers, mine)

    def commit(self, clone: Path, **dates: str) -> None:
        settings = {f"GIT_{who.upper()}_DATE": date for who, date in dates.items()}
        for command in (["add", "--update"], ["commit", "--quiet", "--allow-empty", "--message", "More"]):
            subprocess.run(["git", *command], cwd=clone, check=True, env={**os.environ, **settings})

    def write(self, clone: Path, source: str) -> None:
        self.inner(clone, "more.py").write_text(source, encoding="utf-8")
        build.run_git(["add", str(self.inner(clone, "more.py"))], clone)
        self.commit(clone)

    def found(self) -> dict[str, dict[tuple[str, str], Finding]]:
        return by_kind(
            find({"ada": evidence(self.task, self.ada), "bob": evidence(self.task, self.bob)}, now=time.time())
        )

    def only_bobs(self, kind: str, step: str) -> Finding:
        """The one finding, which is Bob's."""
        found = self.found()
        assert {name: list(one) for name, one in found.items()} == {"bob": [(kind, step)]}
        return found["bob"][kind, step]

    def both(self, kind: str, step: str) -> tuple[Finding, Finding]:
        """Ada's and Bob's only findings, of one kind."""
        found = self.found()
        assert list(found["ada"]) == list(found["bob"]) == [(kind, step)]
        return found["ada"][kind, step], found["bob"][kind, step]


def by_kind(found: Mapping[str, tuple[Finding, ...]]) -> dict[str, dict[tuple[str, str], Finding]]:
    by = {name: {(one.kind, one.step): one for one in findings} for name, findings in found.items()}
    assert {name: len(one) for name, one in by.items()} == {name: len(one) for name, one in found.items()}
    return by


def evidence(task: Task, root: Path) -> dict[str, Any]:
    clone = Clone(root)
    with closing(Workspace(clone, task.folder)) as work:
        return {task.id: task_evidence(work, task), "": submission_evidence(clone, load_course())}


def taken(task: Task, root: Path) -> tuple[WholePrint, TaskPrint]:
    found = fingerprint(evidence(task, root))
    return found.whole, found.tasks[task.id]


@pytest.fixture
def pair_of(
    course: Course,
    solution_of: Callable[[Task], Path],
    other_solution_of: Callable[[Task], Path],
    tmp_path: Path,
) -> Callable[[str], Pair]:
    def pair(name: str) -> Pair:
        task = course.task(name)
        for who, solved in (("ada", solution_of(task)), ("bob", other_solution_of(task))):
            build.copy_clone(solved, tmp_path / who)
        return Pair(task, tmp_path / "ada", tmp_path / "bob")

    return pair


@pytest.mark.parametrize("name", ["1.1", "1.2", "2.1"])
def test_two_who_follow_the_readme_have_nothing_in_common(name: str, pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of(name)
    assert pair.found() == {}
    (ada, task), (bob, _) = taken(pair.task, pair.ada), taken(pair.task, pair.bob)
    assert ada.learner == "ada@example.org"
    assert ada.commits
    assert len(ada.data) == len(set(ada.data)) == len(set(ada.data) - set(bob.data)) > 2
    assert bool(task.runs) is (name == "2.1")
    assert [held.path for held in task.outputs] == [held.path for held in task.outputs if name == "1.2"]
    assert {"model/model.pkl", "predictions.csv"} <= {held.path for held in task.outputs} or name != "1.2"
    assert len(msgspec.json.encode(evidence(pair.task, pair.ada))) < 3_000


def test_a_learner_s_own_commits_are_none_of_the_course_s(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    course_s = build.run_git(["rev-list", "HEAD"], pair.ada).split()
    commits = taken(pair.task, pair.ada)[0].commits
    assert list(commits) == course_s[: len(commits)][::-1]
    assert len(commits) < len(course_s)


def test_what_the_course_changed_and_a_learner_merged_is_not_the_learner_s_own(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    before = taken(pair.task, pair.ada)[0].commits
    course_s = f"{before[0]}~1"
    changed = build.run_git(["commit-tree", f"{course_s}^{{tree}}", "-p", course_s, "-m", "A word"], pair.ada).strip()
    build.run_git(["merge", "--quiet", "--no-ff", "-m", "Take it", changed], pair.ada)
    merge = build.run_git(["rev-parse", "HEAD"], pair.ada).strip()
    assert taken(pair.task, pair.ada)[0].commits == (*before, merge)


def test_a_copied_store_is_shared_evidence(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.take("mlflow.db")
    _, finding = pair.both("shared-evidence", "2.1")
    assert finding.others == ("ada",)
    (run,) = taken(pair.task, pair.ada)[1].runs
    assert finding.detail == f"the same as in 1 other submission: 1 MLflow run ({run[:8]})"


@pytest.mark.parametrize("name", ["1.2", "2.1"])
def test_a_copied_clone_is_shared_evidence(name: str, pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of(name)
    shutil.rmtree(pair.bob)
    build.copy_clone(pair.ada, pair.bob)
    found = pair.found()
    assert set(found["ada"]) == set(found["bob"]) == {("shared-evidence", ""), ("shared-evidence", name)}
    assert found["ada"]["shared-evidence", ""].others == ("bob",)
    assert " commit" in found["ada"]["shared-evidence", ""].detail


def test_a_copied_script_is_similar_after_its_variables_were_renamed(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.write(pair.ada, OWN_SCRIPT)
    pair.write(pair.bob, RENAMED_SCRIPT)
    _, finding = pair.both("similar-script", "2.1")
    assert finding.others == ("ada",)
    assert finding.detail.startswith("its Python code is 100% alike with that of 1 other submission")


def test_scripts_of_one_s_own_are_not_alike(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.write(pair.ada, OWN_SCRIPT)
    pair.write(pair.bob, OTHER_SCRIPT)
    assert all(taken(pair.task, clone)[1].script for clone in (pair.ada, pair.bob))
    assert pair.found() == {}


def test_a_script_in_a_folder_without_git_is_compared_too(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.write(pair.ada, OWN_SCRIPT)
    committed = taken(pair.task, pair.ada)[1].script
    shutil.rmtree(pair.ada / ".git")
    assert committed is not None
    assert taken(pair.task, pair.ada)[1].script == committed


def test_another_learner_s_data_is_told_of_who_has_it(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.take("data/rentals.csv")
    finding = pair.only_bobs("others-data", "2.1")
    assert finding.others == ("ada",)
    assert finding.detail == "data/rentals.csv is the data of ada@example.org, and not that of bob@example.org"


def test_another_learner_s_pipeline_is_told_by_its_data(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("1.2")
    pair.take("data/rentals.csv", "data/rentals.csv.dvc", "dvc.lock", "metrics.json")
    pair.commit(pair.bob)
    pair.only_bobs("others-data", "1.2")


def test_results_of_another_learner_below_one_s_own_data_are_shared(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("1.2")
    (ada, _), (bob, _) = taken(pair.task, pair.ada), taken(pair.task, pair.bob)
    lock = pair.inner(pair.bob, "dvc.lock")
    hers = pair.inner(pair.ada, "dvc.lock").read_text(encoding="utf-8")
    (data,) = (md5 for md5 in ada.data if md5 in hers)
    lock.write_text(hers.replace(data, bob.data[ada.data.index(data)]), encoding="utf-8")
    pair.commit(pair.bob)
    finding, _ = pair.both("shared-evidence", "1.2")
    assert "5 personal outputs" in finding.detail


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2020-01-01T00:00:00Z", "was made at 2020-01-01 00:00:00, before"),
        ("2099-01-01T00:00:00Z", "its latest time, 2099-01-01 00:00:00, is after this grading"),
    ],
)
def test_a_commit_of_a_time_that_can_t_be_is_told(date: str, said: str, pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.commit(pair.bob, author=date, committer=date)
    assert said in pair.only_bobs("time-order", "").detail


def test_a_commit_that_was_made_again_later_is_told(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.commit(pair.bob, author="2020-01-01T00:00:00Z")
    pair.commit(pair.ada, author="2098-01-01T00:00:00Z")
    ada, bob = pair.both("rewritten-history", "")
    assert "was written at 2020-01-01 00:00:00 and made again at" in bob.detail
    assert "one of the two times was set by hand" in ada.detail


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("end_time = start_time - 60000", "before its start at"),
        ("start_time = start_time - 86400000", "which was made later, at"),
        ("end_time = 4102444800000", "its latest time, 2100-01-01 00:00:00, is after this grading"),
        ("end_time = 9000000000000000000", "a time that no calendar has"),
    ],
)
def test_times_of_a_run_that_can_t_be_are_told(change: str, said: str, pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    with closing(sqlite3.connect(pair.inner(pair.bob, "mlflow.db"))) as store:
        store.execute(f"update runs set {change}")
        store.commit()
    assert said in pair.only_bobs("time-order", "2.1").detail


def test_what_can_t_be_read_leaves_its_part_out(pair_of: Callable[[str], Pair]) -> None:
    pair = pair_of("2.1")
    pair.inner(pair.bob, "mlflow.db").write_bytes(b"no store")
    (pair.bob / "learner.toml").write_text("id = 3")
    pair.commit(pair.bob)
    bob, task = taken(pair.task, pair.bob)
    assert (bob.learner, bob.data, task.runs) == (None, (), ())
    assert bob.commits


def test_an_empty_folder_has_an_empty_fingerprint(course: Course, tmp_path: Path) -> None:
    task = course.task("1.2")
    empty, of_task = taken(task, tmp_path)
    assert (empty.commits, empty.learner, of_task.outputs, of_task.script) == ((), None, (), None)
