"""Commits and folders as our parsers read them, held against libgit2, and against any bytes."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.files import Files
from checks.evidence.git.commit import parse_commit
from checks.evidence.git.listing import EXECUTABLE, FILE, FOLDER, LINK, SUBMODULE, parse_listing
from checks.evidence.git.repository import Git
from checks.expect import Failure
from tests.evidence.conftest import Repo

ID = "ab" * 20
MODES = {FILE: b"100644", EXECUTABLE: b"100755", FOLDER: b"40000", LINK: b"120000", SUBMODULE: b"160000"}
NAMES = st.text(min_size=1, max_size=60).filter(
    lambda name: not set(name) & set("/\\\0") and name.lower() not in {".", "..", ".git"} and len(name.encode()) < 256
)
ENTRIES = st.dictionaries(NAMES, st.tuples(st.binary(min_size=20, max_size=20), st.sampled_from(list(MODES))))


@given(ENTRIES)
def test_a_folder_is_read_as_it_was_written(entries: dict[str, tuple[bytes, int]]) -> None:
    data = b"".join(MODES[mode] + b" " + name.encode() + b"\0" + child for name, (child, mode) in entries.items())
    assert parse_listing(ID, data) == {name: (child.hex(), mode) for name, (child, mode) in entries.items()}


@given(st.binary() | st.builds(lambda start, rest: start + rest, st.just(b"100644 a\0" + bytes(20)), st.binary()))
def test_other_bytes_are_a_folder_or_a_failure(data: bytes) -> None:
    with suppress(Failure):
        assert len(data) >= 23 * len(parse_listing(ID, data))


@pytest.mark.parametrize(("mode", "taken"), [(b"100664", FILE), (b"100600", FILE), (b"100744", EXECUTABLE)])
def test_modes_of_old_tools(mode: bytes, taken: int) -> None:
    assert parse_listing(ID, mode + b" a\0" + bytes(20)) == {"a": ("00" * 20, taken)}


@pytest.mark.parametrize("name", ["", ".", "..", ".git", ".GiT", "a/b", "a\\b"])
def test_names_that_git_allows_nowhere(name: str) -> None:
    with pytest.raises(Failure, match=re.escape(f"a file named {name!r}, which Git allows nowhere")):
        parse_listing(ID, b"100644 a\0" + bytes(20) + b"100644 " + name.encode() + b"\0" + bytes(20))


def test_names_that_are_too_long() -> None:
    assert len(parse_listing(ID, b"100644 " + b"a" * 255 + b"\0" + bytes(20))) == 1
    with pytest.raises(Failure, match="a file name of 256 bytes"):
        parse_listing(ID, b"100644 " + b"a" * 256 + b"\0" + bytes(20))


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(Failure, match="two files named 'a'"):
        parse_listing(ID, 2 * (b"100644 a\0" + bytes(20)))


def test_commits_are_those_of_libgit2(repo: Repo) -> None:
    repo.commit("One\nline more\n\nand a body", a_txt="1")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("  Überschrift", b_txt="2")
    repo.git("checkout", "-q", "main")
    repo.commit("Here", c_txt="3")
    repo.git("merge", "-q", "--no-ff", "-m", "Both", "side")
    known = pygit2.Repository(str(repo.root))
    git = Git(Files(repo.root))
    assert len(git.history) == 4
    for commit in git.history:
        other = known[commit.id]
        assert isinstance(other, pygit2.Commit)
        assert commit.tree == str(other.tree_id)
        assert commit.parents == tuple(map(str, other.parent_ids))
        assert (commit.time, commit.authored) == (other.commit_time, other.author.time)
        assert commit.subject == other.message.partition("\n")[0]


def test_a_signed_commit() -> None:
    data = (
        f"tree {ID}\nparent {ID}\nauthor A > B <a@b> 7 +0100\ncommitter C <> 9 -1200\nencoding UTF-8\n"
        f"gpgsig -----BEGIN\n parent {'0' * 40}\n \n -----END\n\nSubject\n\nauthor X <x> 1 +0000\n"
    )
    commit = parse_commit(ID, data.encode())
    assert (commit.parents, commit.authored, commit.time, commit.subject) == ((ID,), 7, 9, "Subject")


@given(st.binary() | st.builds(lambda rest: f"tree {ID}\n".encode() + rest, st.binary()))
def test_other_bytes_are_a_commit_or_a_failure(data: bytes) -> None:
    with suppress(Failure):
        assert parse_commit(ID, data).tree == ID


def test_what_one_repository_says_does_not_stand_in_for_what_another_lacks(repo: Repo) -> None:
    repo.commit("First", a_txt="1")
    assert [commit.subject for commit in Git(Files(repo.root)).history] == ["First"]
    tip = repo.git("rev-parse", "HEAD")
    (repo.root / ".git/objects" / tip[:2] / tip[2:]).unlink()
    with pytest.raises(Failure, match="no such object"):
        _ = Git(Files(repo.root)).history


def test_what_the_course_says_does_not_stand_in_either(repo: Repo) -> None:
    """A commit of the course is known only where it was handed in."""
    course = Git(Files(Path(__file__).parents[2])).tip
    assert course is not None
    repo.commit("First", a_txt="1")
    data = f"tree {course.tree}\nparent {course.id}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
    tip = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=data.encode())
    repo.write(".git/refs/heads/main", tip + "\n")
    for look in (lambda git: git.history, lambda git: git.at(git.tip).id("README.md")):
        with pytest.raises(Failure, match="no such object"):
            look(Git(Files(repo.root)))
