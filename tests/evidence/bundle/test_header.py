"""The head of a bundle: held against Git's own, and read without trust."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.bundle.errors import BundleError, IncompleteBundleError
from checks.evidence.bundle.header import Header, read_header

ONE, OTHER = "1" * 40, "2" * 40


@pytest.mark.parametrize("version", [2, 3])
def test_git_and_we_read_the_same_references(
    version: int, repository: Path, git: Callable[..., bytes], tmp_path: Path
) -> None:
    bundle = tmp_path / "x.bundle"
    git(repository, "bundle", "create", "--quiet", f"--version={version}", str(bundle), "HEAD", "--branches", "--tags")
    with bundle.open("rb") as file:
        header = read_header(file)
        assert file.read(4) == b"PACK"
    listed = git(repository, "bundle", "list-heads", str(bundle)).decode().splitlines()
    assert {(target, name) for name, target in header.references.items()} == {
        tuple(line.split(" ", 1)) for line in listed
    }
    assert header.head == "ref: refs/heads/solution/ada"


def test_what_must_be_there_already_is_named(repository: Path, git: Callable[..., bytes], tmp_path: Path) -> None:
    bundle = tmp_path / "x.bundle"
    git(repository, "bundle", "create", "--quiet", str(bundle), "HEAD~2..solution/ada")
    before = git(repository, "rev-parse", "HEAD~2").decode().strip()
    with bundle.open("rb") as file, pytest.raises(IncompleteBundleError, match=before):
        read_header(file)


@pytest.mark.parametrize(
    ("references", "head"),
    [
        ({"HEAD": ONE, "refs/heads/main": ONE}, "ref: refs/heads/main"),
        ({"HEAD": ONE, "refs/heads/a": ONE, "refs/heads/solution/ada": ONE}, "ref: refs/heads/solution/ada"),
        ({"HEAD": ONE, "refs/heads/solution/ada": OTHER}, ONE),
        ({"refs/heads/a": ONE, "refs/heads/solution/ada": OTHER}, "ref: refs/heads/solution/ada"),
        ({"refs/tags/v1": ONE}, "ref: refs/heads/main"),
    ],
)
def test_head_is_where_a_clone_would_be(references: dict[str, str], head: str) -> None:
    assert Header(references).head == head


@given(st.binary(max_size=300))
def test_anything_is_a_header_or_an_error_of_ours(rest: bytes) -> None:
    try:
        header = read_header(io.BytesIO(b"# v2 git bundle\n" + rest))
    except BundleError:
        return
    assert all(line.count(" ") >= 1 for line in header.packed.split("\n")[:-1])


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), min_size=1, max_size=40),
        st.text("0123456789abcdef", min_size=40, max_size=40),
        min_size=1,
        max_size=8,
    )
)
def test_every_name_comes_back_and_none_makes_a_line_of_its_own(names: dict[str, str]) -> None:
    head = "".join(f"{target} refs/heads/{name}\n" for name, target in names.items())
    header = read_header(io.BytesIO(f"# v2 git bundle\n{head}\n".encode()))
    assert header.references == {f"refs/heads/{name}": target for name, target in names.items()}
    assert header.packed.count("\n") == len(names)
