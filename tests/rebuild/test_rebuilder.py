"""What a rebuild says where a commit is not as it needs it, with the real sandbox."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checks.core.clone import Clone
from checks.core.learner import format_learner
from checks.core.workspace import Script, Workspace
from checks.expect import Failure, NotJudged
from checks.model import Identity
from checks.rebuild.limits import DEFAULT_LIMITS, Limits
from checks.rebuild.rebuilder import Rebuilder

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

LEARNER = format_learner(Identity("ada@example.org", "Ada"))


@pytest.fixture
def workspace(repo: Repo, rebuilder: Rebuilder) -> Callable[..., Workspace]:
    """The task folder `task` of a repository with these files in its last commit."""

    def make(limits: Limits = DEFAULT_LIMITS, **files: str) -> Workspace:
        repo.commit("Work", learner_toml="", **files)
        (repo.root / "learner.toml").write_text(LEARNER)
        repo.commit("Who")
        return Workspace(Clone(repo.root), "task", replace(rebuilder, limits=limits))

    return make


def test_the_clone_is_of_the_true_commit_and_holds_the_learners_own_data(workspace: Callable[..., Workspace]) -> None:
    work = workspace(task__a_txt="1")
    script = "git rev-parse HEAD > id; git status --short > status; md5sum < data/rentals.csv > md5"
    made = work.rebuilt(Script(script, data={"data/rentals.csv": 1}))
    found = {name: made.work.files.read(f"task/{name}").decode().split() for name in ("id", "status", "md5")}
    assert found["id"] == [work.snapshot.commit.id]
    assert found["md5"][0] == work.data(1).md5
    assert found["status"] == ["??", "data/", "??", "id", "??", "status"]
    work.close()


@pytest.mark.parametrize("name", ["task__data", "task__data__rentals.csv__deep_txt", "task"])
def test_something_else_where_the_data_goes_is_a_failure(workspace: Callable[..., Workspace], name: str) -> None:
    work = workspace(**{name: "in the way"})
    with pytest.raises(Failure, match="in place of"):
        work.rebuilt(Script("true", data={"data/rentals.csv": 1}))


def test_who_waits_has_failed_and_who_computes_is_tried_again(workspace: Callable[..., Workspace]) -> None:
    work = workspace(replace(DEFAULT_LIMITS, wall_seconds=3.0), task__a_txt="1")
    with pytest.raises(Failure, match="most of which it waited"):
        work.rebuilt(Script("sleep 60"))
    with pytest.raises(NotJudged, match="too busy"):
        work.rebuilt(Script("while :; do :; done"))


def test_eight_at_once_make_the_same(workspace: Callable[..., Workspace]) -> None:
    work = workspace(task__a_txt="1")
    assert work.rebuild is not None

    def made(number: int) -> tuple[bytes, int]:
        assert work.rebuild is not None
        script = f"i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat a.txt > made; exit {number % 2}"
        with work.rebuild.commands(work, Script(script)) as rebuilt:
            return rebuilt.work.files.read("task/made"), rebuilt.exit_code

    _ = work.snapshot, work.learner
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(made, range(8))) == [(b"1", number % 2) for number in range(8)]
