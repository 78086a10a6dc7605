"""Branches, tags and HEAD as Git itself tells them, from any bytes in their files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence.files import Files
from checks.evidence.git.references import References
from checks.expect import Failure

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo

ID = "0123456789abcdef0123456789abcdef01234567"


def told_by_git(repo: Repo) -> dict[str, str]:
    lines = repo.git("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    refs = {name: target for target, name in (line.split(" ", 1) for line in lines)}
    return refs | {"HEAD": repo.git("rev-parse", "HEAD")}


def written(folder: Path, files: dict[str, str | bytes]) -> References:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return References(Files(folder), "")


def test_packed_and_loose_references_are_those_that_git_lists(busy: Repo) -> None:
    assert (busy.root / ".git/packed-refs").exists()
    assert busy.read.references.all == told_by_git(busy)


def test_a_detached_head_has_no_branch(repo: Repo) -> None:
    first = repo.commit("First")
    repo.commit("Second")
    repo.git("checkout", "-q", first)
    references = repo.read.references
    assert (references.head, references.branch(), references.all["HEAD"]) == (None, "HEAD", first)
    assert [commit.id for commit in repo.read.history] == [first]


@pytest.mark.parametrize(
    ("head", "branches", "chosen"),
    [
        ("main", ["main"], "main"),
        ("main", ["main", "solution/ada"], "solution/ada"),
        ("solution/bob", ["main", "solution/ada", "solution/bob"], "solution/bob"),
        ("main", ["main", "solution/ada", "solution/bob"], "main"),
        ("topic", ["main", "topic", "my-solution/ada"], "topic"),
    ],
)
def test_the_solution_branch_is_chosen(repo: Repo, head: str, branches: list[str], chosen: str) -> None:
    repo.commit("First")
    for branch in branches:
        repo.git("branch", "-f", branch) if branch != "main" else None
    repo.git("checkout", "-q", head)
    assert repo.read.references.branch() == f"refs/heads/{chosen}"


def test_a_fresh_clone_of_main_finds_the_solution_at_its_remote(new_repo: Callable[..., Repo], repo: Repo) -> None:
    repo.commit("First")
    repo.git("branch", "solution/ada")
    clone = new_repo("--bare")
    clone.git("clone", "-q", str(repo.root), "inner")
    inner = type(clone)(clone.root / "inner", clone.env)
    assert inner.read.references.branch() == "refs/remotes/origin/solution/ada"


def test_a_loose_reference_wins_over_a_packed_one(tmp_path: Path) -> None:
    references = written(tmp_path, {"packed-refs": f"{ID} refs/tags/v1\n^{ID}\n", "refs/tags/v1": "f" * 40 + "\n"})
    assert references.all == {"refs/tags/v1": "f" * 40}


def test_an_unfinished_lock_and_garbage_are_no_references(tmp_path: Path) -> None:
    files = {
        "refs/heads/main": ID,
        "refs/heads/main.lock": "f" * 40,
        "refs/heads/odd": "?",
        "refs/heads/giant": ID + " " * 10**6,
    }
    assert written(tmp_path, files).all == {"refs/heads/main": ID}


def test_too_many_references_are_refused_however_they_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TAGS", 5)
    packed = "".join(f"{ID} refs/tags/v{number}\n" for number in range(6))
    for folder, files in {
        "packed": {"packed-refs": packed},
        "loose": {f"refs/tags/v{number}": ID for number in range(6)},
        "garbage": {f"refs/tags/v{number}": "garbage" for number in range(6)},
        "spread": {f"refs/tags/{number}/v": ID for number in range(6)},
    }.items():
        (tmp_path / folder).mkdir()
        with pytest.raises(Failure, match="more than 5 branches and tags"):
            _ = written(tmp_path / folder, files).all


def test_a_link_among_the_references_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(ID)
    (tmp_path / "git" / "refs" / "tags").mkdir(parents=True)
    (tmp_path / "git" / "refs" / "tags" / "v1").symlink_to(tmp_path / "outside")
    (tmp_path / "git" / "refs" / "heads").symlink_to(tmp_path)
    (tmp_path / "git" / "HEAD").symlink_to(tmp_path / "outside")
    assert References(Files(tmp_path / "git"), "").all == {}


LINES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [f"{ID} refs/heads/main", f"{ID} HEAD", f"^{ID}", "# pack-refs with: peeled", f"{ID}  x", ID, ""]
    ).map(str.encode),
    st.text(max_size=20).map(lambda name: f"{ID} refs/tags/{name}".encode()),
)


@settings(max_examples=60)
@given(
    packed=st.lists(LINES).map(b"\n".join), head=st.one_of(LINES, LINES.map(lambda line: b"ref: " + line)), loose=LINES
)
def test_any_bytes_give_references_or_a_failure(packed: bytes, head: bytes, loose: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, str | bytes] = {
            "packed-refs": packed,
            "HEAD": head,
            "refs/heads/main": loose,
            "shallow": packed,
        }
        references = written(Path(folder), files)
        assert all(len(target) == 40 for target in references.all.values())
        assert set(references.below("refs/tags/")) == {
            name[10:] for name in references.all if name.startswith("refs/tags/")
        }
        assert isinstance(references.branch(), str)
        assert all(len(commit) == 40 for commit in references.shallow())


def test_a_line_break_of_unicode_does_not_split_a_name(tmp_path: Path) -> None:
    name = f"refs/tags/a\u2028{ID} refs/heads/forged"
    assert written(tmp_path, {"packed-refs": f"{ID} {name}\n"}).all == {name: ID}
