"""Commits, files and tags, read from real repositories and held against what Git says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.expect import Failure

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo


def test_commits_are_those_of_git_log_each_after_its_parents(busy: Repo) -> None:
    log = busy.git("log", "--format=%H|%T|%P|%ct|%s").splitlines()
    history = busy.read.history
    assert len(history) == len(log) > 15
    assert {f"{c.id}|{c.tree}|{' '.join(c.parents)}|{c.time}|{c.subject}" for c in history} == set(log)
    done: set[str] = set()
    for commit in history:
        assert set(commit.parents) <= done
        done.add(commit.id)
    assert busy.read.reachable == done


def test_every_file_of_every_commit_has_the_bytes_that_git_shows(busy: Repo) -> None:
    git = busy.read
    for commit in git.history:
        snapshot = git.at(commit)
        listed = busy.git("-c", "core.quotepath=off", "ls-tree", "-r", "--full-tree", commit.id).splitlines()
        plain = {line.split("\t")[1]: line.split()[2] for line in listed if line.startswith("100")}
        assert list(snapshot.paths()) == list(plain)
        for path, blob in plain.items():
            assert snapshot.id(path) == blob
            assert snapshot.read(path) == busy.raw("show", f"{commit.id}:{path}")


def test_tags_of_every_kind_lead_to_their_commit(busy: Repo) -> None:
    names = [name for name in busy.git("tag").splitlines() if not name.startswith("of-a-")]
    assert {"light", "noted", "nested", "later"} <= set(names)
    assert busy.read.tags == {name: busy.git("rev-parse", f"{name}^{{commit}}") for name in names}


def test_a_folder_a_link_and_what_is_not_there_are_no_files(busy: Repo) -> None:
    snapshot = busy.last
    assert snapshot.id("deep/er") == busy.git("rev-parse", "HEAD:deep/er")
    for path in (
        "link",
        "deep",
        "deep/er",
        "missing",
        "a.txt/b",
        "link/x",
        "",
        "/a.txt",
        "../a.txt",
        "deep//er",
        "x\0y",
        "\ud800",
    ):
        assert not snapshot.is_file(path)
        assert snapshot.read(path) is None
    assert list(snapshot.paths("deep")) == ["deep/er/b.txt"]
    assert list(snapshot.paths("missing")) == []


def test_a_submodule_is_no_file(repo: Repo) -> None:
    first = repo.commit("First", a_txt="1")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{first},module")
    repo.git("commit", "-q", "-m", "A submodule")
    snapshot = repo.last
    assert list(snapshot.paths()) == ["a.txt"]
    assert not snapshot.is_file("module")
    assert snapshot.read("module/a.txt") is None


def test_a_file_name_that_is_no_unicode_is_listed(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", data=b"x")
    repo.git("update-index", "-z", "--index-info", data=f"100644 {blob}\t".encode() + b"caf\xe9\0")
    repo.git("commit", "-q", "-m", "Latin-1")
    assert list(repo.last.paths()) == ["caf\udce9"]


def test_a_shallow_clone_ends_where_it_was_cut(busy: Repo, new_repo: Callable[..., Repo]) -> None:
    shelf = new_repo("--bare")
    shelf.git("clone", "-q", "--depth", "2", busy.root.as_uri(), "inner")
    clone = type(shelf)(shelf.root / "inner", shelf.env)
    history = clone.read.history
    assert [commit.id for commit in history] == clone.git("rev-list", "--reverse", "HEAD").splitlines()
    assert history[0].parents == ()


def test_a_shallow_clone_without_its_mark_is_damaged_not_short(busy: Repo, new_repo: Callable[..., Repo]) -> None:
    shelf = new_repo("--bare")
    shelf.git("clone", "-q", "--depth", "1", busy.root.as_uri(), "inner")
    (shelf.root / "inner/.git/shallow").unlink()
    with pytest.raises(Failure, match="no such object"):
        _ = Git(Files(shelf.root / "inner")).history


def test_ignores_is_what_git_check_ignore_says_of_the_committed_files(repo: Repo) -> None:
    repo.commit(
        "Rules",
        **{".gitignore": "*.csv\n!keep.csv\n/build/\n", "data/.gitignore": "!rentals.csv\n*.tmp\n", "data/x": ""},
    )
    repo.write(".git/info/exclude", "private\n")
    repo.write("data/.gitignore", "*\n")  # not committed: it counts for nobody else
    snapshot = repo.last
    ignored = [
        p
        for p in ("a.csv", "keep.csv", "build/x", "data/rentals.csv", "data/a.tmp", "private", "data/x")
        if snapshot.ignores(p)
    ]
    assert ignored == ["a.csv", "build/x", "data/a.tmp"]
