"""Repositories that were made to harm whoever reads them: what the corpus of attacks does not hold already."""

from __future__ import annotations

import hashlib
import time
import zlib
from typing import TYPE_CHECKING

import pytest

from checks import limits
from checks.evidence.git.repository import Git
from checks.expect import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from tests.evidence.conftest import Repo

MISSING = "ab" * 20


def loose(repo: Repo, kind: str, body: bytes) -> str:
    """Store an object that Git itself would not make, under its true hash."""
    data = f"{kind} {len(body)}\0".encode() + body
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    repo.write(f".git/objects/{name[:2]}/{name[2:]}", zlib.compress(data))
    return name


def committed(repo: Repo, tree: str) -> Git:
    body = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
    repo.write(".git/refs/heads/main", loose(repo, "commit", body.encode()) + "\n")
    return repo.read


def object_path(repo: Repo, name: str) -> Path:
    return repo.root / ".git/objects" / name[:2] / name[2:]


def test_too_many_objects_are_refused(busy: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOOSE_OBJECTS", 2)
    with pytest.raises(Failure, match="more than 2 objects"):
        _ = busy.read


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"\x78\x9c",
        zlib.compress(b"commit 5\0x"),
        zlib.compress(b"commit -1\0"),
        zlib.compress(b"nonsense 3\0abc"),
        zlib.compress(b"commit 3\0abc"),
        bytes(range(256)),
    ],
)
def test_a_damaged_object_is_a_failure_that_names_it(repo: Repo, content: bytes) -> None:
    first = repo.commit("First")
    object_path(repo, first).unlink()
    object_path(repo, first).write_bytes(content)
    with pytest.raises(Failure, match=first):
        _ = repo.read.history


def test_a_file_whose_content_is_not_what_its_name_says_is_refused(repo: Repo) -> None:
    repo.commit("First", a_txt="honest")
    blob = repo.git("rev-parse", "HEAD:a.txt")
    object_path(repo, blob).unlink()
    object_path(repo, blob).write_bytes(zlib.compress(b"blob 6\0forged"))
    snapshot = repo.last
    with pytest.raises(Failure, match=blob):
        snapshot.read("a.txt")


def test_folders_without_an_end_are_refused_in_time(repo: Repo) -> None:
    tree = loose(repo, "tree", b"100644 leaf\0" + bytes.fromhex(loose(repo, "blob", b"x")))
    for _ in range(300):
        tree = loose(repo, "tree", b"40000 " + b"d" * 200 + b"\0" + bytes.fromhex(tree))
    with pytest.raises(Failure, match="a path of more than 4,096 letters"):
        list(committed(repo, tree).at(repo.read.history[0]).paths())


def test_a_tree_that_grows_like_a_power_ends_at_the_limit(repo: Repo) -> None:
    tree = loose(repo, "tree", b"100644 leaf\0" + bytes.fromhex(loose(repo, "blob", b"x")))
    for _ in range(20):
        tree = loose(repo, "tree", b"".join(b"40000 d%d\0" % n + bytes.fromhex(tree) for n in range(10)))
    start = time.process_time()
    with pytest.raises(Failure, match="files"):
        list(committed(repo, tree).at(repo.read.history[0]).paths())
    assert time.process_time() - start < 20


def test_a_commit_without_its_tree_or_with_a_file_for_a_tree_is_damaged(repo: Repo) -> None:
    for tree in (MISSING, loose(repo, "blob", b"x")):
        git = committed(repo, tree)
        assert git.tip is not None
        with pytest.raises(Failure, match=tree):
            git.at(git.tip).read("a.txt")


def test_a_commit_that_names_a_parent_ten_thousand_times_is_read_once(repo: Repo) -> None:
    first = repo.commit("First")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = f"tree {tree}\n" + f"parent {first}\n" * 1000 + "author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
    repo.write(".git/refs/heads/main", loose(repo, "commit", body.encode()) + "\n")
    assert next(commit.id for commit in repo.read.history) == first
    assert len(repo.read.history) == 2
