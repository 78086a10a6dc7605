"""Folders and commits that no Git would write are read as Git reads them, or refused by a sentence."""

from __future__ import annotations

import hashlib
import re
import zlib
from pathlib import Path

import pytest
from pygit2.enums import FileMode

from checks.evidence.files import Files
from checks.evidence.git.objects import Objects
from checks.evidence.git.repository import Git
from checks.expect import Malformed
from tests.evidence.conftest import Repo

ID = "ab" * 20


def stored(folder: Path, kind: str, body: bytes) -> tuple[Objects, str]:
    """An object below a folder, and its id."""
    data = f"{kind} {len(body)}\0".encode() + body
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    (folder / name[:2]).mkdir(parents=True)
    (folder / name[:2] / name[2:]).write_bytes(zlib.compress(data))
    return Objects(str(folder)), name


def listed(folder: Path, data: bytes) -> dict[str, tuple[str, int]]:
    objects, name = stored(folder, "tree", data)
    return objects.listing(name)


@pytest.mark.parametrize(
    ("mode", "taken"),
    [
        (b"100644", FileMode.BLOB),
        (b"100664", FileMode.BLOB),
        (b"100600", FileMode.BLOB),
        (b"100744", FileMode.BLOB_EXECUTABLE),
        (b"40000", FileMode.TREE),
        (b"120000", FileMode.LINK),
        (b"160000", FileMode.COMMIT),
    ],
)
def test_modes_also_of_old_tools(tmp_path: Path, mode: bytes, taken: int) -> None:
    assert listed(tmp_path, mode + b" a\0" + bytes(20)) == {"a": ("00" * 20, taken)}


@pytest.mark.parametrize("name", [".", "..", ".git", ".GiT", "a/b", "a\\b"])
def test_names_that_git_allows_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed, match=re.escape(f"a file named {name!r}, which Git allows nowhere")):
        listed(tmp_path, b"100644 a\0" + bytes(20) + b"100644 " + name.encode() + b"\0" + bytes(20))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (2 * (b"100644 a\0" + bytes(20)), "two files named 'a'"),
        (b"100644 " + b"a" * 256 + b"\0" + bytes(20), "a file name of 256 bytes"),
        (b"100644 \0" + bytes(20), "parse"),
        (b"100644 a\0" + bytes(19), "parse"),
        (b"nonsense", "parse"),
    ],
)
def test_other_bytes_are_no_folder(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        listed(tmp_path, data)


def test_a_name_may_have_255_bytes(tmp_path: Path) -> None:
    assert len(listed(tmp_path, b"100644 " + b"a" * 255 + b"\0" + bytes(20))) == 1


def test_a_signed_commit(tmp_path: Path) -> None:
    data = (
        f"tree {ID}\nparent {ID}\nauthor A > B <a@b> 7 +0100\ncommitter C <> 9 -1200\nencoding UTF-8\n"
        f"gpgsig -----BEGIN\n parent {'0' * 40}\n \n -----END\n\nSubject\n\nauthor X <x> 1 +0000\n"
    )
    objects, name = stored(tmp_path, "commit", data.encode())
    commit = objects.commit(name)
    assert (commit.parents, commit.authored, commit.time, commit.subject) == ((ID,), 7, 9, "Subject")


@pytest.mark.parametrize("data", [b"", b"tree\n", f"tree {ID}\n\nx\n".encode(), f"tree {ID}\nauthor A\n\n".encode()])
def test_other_bytes_are_no_commit(tmp_path: Path, data: bytes) -> None:
    objects, name = stored(tmp_path, "commit", data)
    with pytest.raises(Malformed, match=name):
        objects.commit(name)


def test_what_one_repository_says_does_not_stand_in_for_what_another_lacks(repo: Repo) -> None:
    repo.commit("First", a_txt="1")
    assert [commit.subject for commit in Git(Files(repo.root)).history] == ["First"]
    tip = repo.git("rev-parse", "HEAD")
    (repo.root / ".git/objects" / tip[:2] / tip[2:]).unlink()
    with pytest.raises(Malformed, match="no such object"):
        _ = Git(Files(repo.root)).history
