"""Which versions the pointers of a DVC repository name, commit by commit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from checks.evidence.dvc.config import Remote
from checks.evidence.dvc.repository import Dvc
from checks.evidence.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.evidence.conftest import Repo

POINTER = "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  hash: md5\n  path: rentals.csv\n"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def test_a_file_of_a_tracked_folder_is_found_through_the_listing(course: Repo) -> None:
    dvc, snapshot = Dvc(Files(course.root), "task"), course.last
    tracked = dvc.tracked(snapshot, "task/photos/more/b.txt")
    assert tracked is not None
    assert (tracked.pointer, tracked.md5) == ("task/photos.dvc", md5(b"b"))
    assert dvc.tracked(snapshot, "task/photos/absent.txt") is None
    assert dvc.tracked(snapshot, "task/photosphere.txt") is None
    assert dvc.tracked(snapshot, "task/README.md") is None


def test_without_the_cache_the_listing_comes_from_the_remote_or_not_at_all(course: Repo, tmp_path: Path) -> None:
    dvc, snapshot = Dvc(Files(tmp_path), "task"), course.last
    unknown = dvc.tracked(snapshot, "task/photos/a.txt")
    assert unknown is not None
    assert unknown.md5 is None
    known = dvc.tracked(snapshot, "task/photos/a.txt", [Dvc(Files(course.root), "task").remote_store(".storage")])
    assert known is not None
    assert known.md5 == md5(b"a")


def test_the_roots_that_dvc_finds_are_found(course: Repo, at_root: Repo) -> None:
    from dvc.repo import Repo as DvcRepo

    for repo, folder in ((course, "task"), (course, "task/data"), (at_root, "data"), (at_root, "")):
        dvc = Dvc(Files(repo.root), folder)
        assert dvc.root(repo.last) == dvc.working_root
        assert str(repo.root / (dvc.working_root or "")) == DvcRepo.find_root(str(repo.root / folder)).rstrip("/")


def test_the_committed_configuration_counts_and_not_the_one_in_the_folder(course: Repo, tmp_path: Path) -> None:
    (tmp_path / "task/.dvc").mkdir(parents=True)
    (tmp_path / "task/.dvc/config").write_text("[core]\n    remote = elsewhere\n")
    config = Dvc(Files(tmp_path), "task").config(course.last)
    assert config is not None
    assert config.default == Remote("storage", "../../.storage")


def test_a_local_configuration_that_was_committed_is_seen_with_its_secret(repo: Repo) -> None:
    repo.write("task/.dvc/config", "")
    repo.write("task/.dvc/config.local", "['remote \"x\"']\n    password = hunter2\n")
    repo.write(".dvc/config", "[core]\n    remote = y\n")
    repo.commit("All of it")
    configs = {path: config for path, _blob, config in Dvc(Files(repo.root), "task").configs(repo.last)}
    assert list(configs) == ["task/.dvc/config", "task/.dvc/config.local", ".dvc/config"]
    assert configs["task/.dvc/config.local"].credentials == ('[remote "x"] password',)
    assert configs[".dvc/config"].default_name == "y"


@pytest.mark.parametrize("pointer", ["rentals.csv.dvc", "any name.dvc"])
def test_a_pointer_may_have_any_name(repo: Repo, pointer: str) -> None:
    repo.write(f"task/data/{pointer}", POINTER)
    repo.commit("By hand")
    tracked = Dvc(Files(repo.root), "task").tracked(repo.last, "task/data/rentals.csv")
    assert tracked is not None
    assert tracked.pointer == f"task/data/{pointer}"


def test_a_pointer_elsewhere_or_as_a_link_does_not_count(repo: Repo) -> None:
    repo.write("other/rentals.csv.dvc", POINTER.replace("rentals.csv", "../task/data/rentals.csv"))
    repo.write("task/data/.dvc/config", "")
    (repo.root / "task/data/rentals.csv.dvc").symlink_to("../../other/rentals.csv.dvc")
    repo.commit("Elsewhere")
    dvc = Dvc(Files(repo.root), "task")
    assert dvc.pointers(repo.last) == []
    assert dvc.tracked(repo.last, "task/data/rentals.csv") is None
