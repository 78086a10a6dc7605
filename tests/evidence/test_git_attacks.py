"""Repositories that were made to harm whoever reads them. Nothing of them runs, and nothing outside is read."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from checks import limits
from checks.evidence.files import Files
from checks.evidence.git.repository import Git
from checks.expect import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from tests.evidence.conftest import Repo

ZERO = bytes(20)
MISSING = "ab" * 20


def loose(repo: Repo, kind: str, body: bytes) -> str:
    """Store an object that Git itself would not make, under its true hash."""
    data = f"{kind} {len(body)}\0".encode() + body
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    repo.write(f".git/objects/{name[:2]}/{name[2:]}", zlib.compress(data))
    return name


def committed(repo: Repo, tree: str) -> Git:
    commit = repo.git(
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--literally",
        "--stdin",
        data=(f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n").encode(),
    )
    repo.write(".git/refs/heads/main", commit + "\n")
    return repo.read


def object_path(repo: Repo, name: str) -> Path:
    return repo.root / ".git/objects" / name[:2] / name[2:]


def test_no_setting_hook_or_filter_of_a_repository_is_obeyed(repo: Repo, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    first = repo.commit("First", a_txt="1", **{".gitattributes": "* filter=evil diff=evil\n"})
    bomb = f"touch {marker}"
    (tmp_path / "included").write_text(f"[core]\n\tpager = {bomb}\n")
    repo.write(
        ".git/config",
        f"""[core]
\trepositoryformatversion = 0
\tfsmonitor = "{bomb}; false"
\thooksPath = {repo.root}/.git/hooks
\tsshCommand = {bomb}
\teditor = {bomb}
\tworktree = /
[filter "evil"]
\tclean = {bomb}; cat
\tsmudge = {bomb}; cat
\trequired = true
[diff "evil"]
\ttextconv = {bomb}
[include]
\tpath = {tmp_path}/included
[alias]
\tlog = !{bomb}
\tcat-file = !{bomb}
[extensions]
\tobjectFormat = nonsense
[not closed
""",
    )
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        repo.write(f".git/hooks/{hook}", f"#!/bin/sh\n{bomb}\n").chmod(0o755)
    git = repo.read
    assert [commit.id for commit in git.history] == [first]
    assert git.at(git.history[0]).read("a.txt") == b"1"
    assert list(git.at(git.history[0]).paths()) == [".gitattributes", "a.txt"]
    assert not git.at(git.history[0]).ignores("a.txt")
    assert not marker.exists()


def test_objects_of_an_alternate_are_not_readable(repo: Repo, busy: Repo) -> None:
    victim = busy.git("rev-parse", "HEAD")
    repo.write(".git/objects/info/alternates", f"{busy.root}/.git/objects\n")
    repo.write(".git/refs/heads/main", victim + "\n")
    assert repo.git("cat-file", "-t", victim) == "commit"  # Git itself would read them
    with pytest.raises(Failure, match=victim):
        _ = repo.read.tip


@pytest.mark.parametrize("place", ["", "pack", "the object's folder", "an object"])
def test_a_link_to_the_objects_of_another_is_refused(repo: Repo, busy: Repo, place: str) -> None:
    victim = busy.git("rev-parse", "HEAD")
    inner = {"the object's folder": victim[:2], "an object": f"{victim[:2]}/{victim[2:]}"}.get(place, place)
    target = repo.root / ".git/objects" / inner
    target.parent.mkdir(exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    target.symlink_to(busy.root / ".git/objects" / inner)
    repo.write(".git/refs/heads/main", victim + "\n")
    with pytest.raises(Failure, match="a link"):
        _ = repo.read


def test_a_git_folder_that_is_a_link_outside_is_refused(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / ".git").symlink_to(repo.root / ".git")
    with pytest.raises(Failure, match="leads out of the submission"):
        Git(Files(tmp_path))


def test_an_object_that_is_a_pipe_is_refused_and_not_waited_for(repo: Repo) -> None:
    first = repo.commit("First")
    object_path(repo, first).unlink()
    os.mkfifo(object_path(repo, first))
    with pytest.raises(Failure, match="neither a file nor a folder"):
        _ = repo.read


def test_an_object_of_five_gigabytes_is_refused_by_its_size(repo: Repo) -> None:
    first = repo.commit("First")
    object_path(repo, first).unlink()
    with object_path(repo, first).open("wb") as giant:
        giant.truncate(5 << 30)
    with pytest.raises(Failure, match="5,368,709,120 bytes"):
        _ = repo.read


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
    git = repo.read
    assert git.tip is not None
    with pytest.raises(Failure, match=blob):
        git.at(git.tip).read("a.txt")


@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b"a/b", b"a\\b", b"", b"../../etc/passwd"])
def test_a_tree_with_a_name_that_escapes_is_refused(repo: Repo, name: bytes) -> None:
    blob = bytes.fromhex(loose(repo, "blob", b"x"))
    git = committed(repo, loose(repo, "tree", b"100644 " + name + b"\0" + blob))
    with pytest.raises(Failure, match=r"Git allows nowhere|failed to parse tree"):
        list(git.at(git.history[0]).paths())


def test_an_overlong_name_is_refused(repo: Repo) -> None:
    git = committed(repo, loose(repo, "tree", b"100644 " + b"n" * 5000 + b"\0" + ZERO))
    with pytest.raises(Failure, match="a file name of 5,000 bytes"):
        list(git.at(git.history[0]).paths())


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


def test_tags_that_lead_nowhere_else_than_to_tags_are_no_commits(repo: Repo) -> None:
    repo.commit("First")
    target = repo.git("rev-parse", "HEAD")
    kind = "commit"
    for number in range(20):
        target = loose(
            repo, "tag", f"object {target}\ntype {kind}\ntag t{number}\ntagger A <a@b> 1 +0000\n\nx\n".encode()
        )
        kind = "tag"
    repo.write(".git/refs/tags/chain", target + "\n")
    assert repo.read.tags == {}


def test_a_commit_that_names_a_parent_ten_thousand_times_is_read_once(repo: Repo) -> None:
    first = repo.commit("First")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = f"tree {tree}\n" + f"parent {first}\n" * 1000 + "author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
    repo.write(".git/refs/heads/main", loose(repo, "commit", body.encode()) + "\n")
    assert next(commit.id for commit in repo.read.history) == first
    assert len(repo.read.history) == 2


def test_an_empty_or_broken_pack_is_no_error_of_ours(busy: Repo, new_repo: Callable[..., Repo]) -> None:
    repo = new_repo()
    shutil.copytree(busy.root / ".git", repo.root / ".git", dirs_exist_ok=True)
    for pack in (repo.root / ".git/objects/pack").iterdir():
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:100] + bytes(200))
    with pytest.raises(Failure):
        _ = repo.read.history
