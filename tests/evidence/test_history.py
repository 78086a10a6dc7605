"""The history of a learner's clone, most of it the course's own, held against what Git says."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.evidence.files import Files
from checks.evidence.git.repository import Git

TASK = "1_model_versioning/task1_intro_to_dvc"
PATHS = [TASK, f"{TASK}/data/rentals.csv.dvc", f"{TASK}/.dvc/config", "README.md", "checks/limits.py", "no/such/file"]

CLONES: dict[str, str] = {
    "straight up from the course": "true",
    "with a merge": (
        "git switch -q -c aside HEAD~2; echo a > aside.txt; git add .; git commit -q -m Aside;"
        "git switch -q -; git merge -q --no-edit aside"
    ),
    "with a file that comes and goes": (
        "echo a >> README.md; git commit -q -a -m Change; git rm -q README.md; git commit -q -m Remove;"
        f"git revert --no-edit HEAD; git commit -q --allow-empty -m Nothing; git rm -q -r {TASK}; git commit -q -m Gone"
    ),
    "with nothing of the course": "git switch -q --orphan alone; git commit -q --allow-empty -m Alone",
}


@pytest.fixture
def run(solved: Path) -> Callable[[str], str]:
    """A shell in a finished clone of one's own."""

    def shell(script: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        config = f'git() {{ command git {" ".join(identity)} "$@"; }}; set -e; {script}'
        return subprocess.run(["sh", "-c", config], cwd=solved, check=True, capture_output=True, text=True).stdout

    return shell


@pytest.mark.parametrize("clone", CLONES)
def test_history_and_changes_are_what_git_says(clone: str, solved: Path, run: Callable[[str], str]) -> None:
    run(CLONES[clone])
    branch = run("git symbolic-ref HEAD").strip()
    git = Git(Files(solved), branch)
    assert sorted(commit.id for commit in git.history) == sorted(run("git rev-list HEAD").split())
    done: set[str] = set()
    for commit in git.history:
        assert set(commit.parents) <= done
        done.add(commit.id)
    for path in PATHS:
        assert list(git.changes(path)) == list(_changes(git, path, run))


def _changes(git: Git, path: str, run: Callable[[str], str]) -> Iterator[tuple[object, str | None]]:
    asked = " ".join(f"{commit.id}:{path}" for commit in git.history)
    answers = run(f"for one in {asked}; do git rev-parse --verify --quiet $one || echo; done").splitlines()
    before = None
    for commit, answer in zip(git.history, answers, strict=True):
        there = answer or None
        if there != before:
            yield commit, there
        before = there
