"""The manifest of an archive of `mlsd submit`: written, read again, and held against files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.files import Files
from checks.evidence.manifest import (
    MANIFEST,
    CourseVersion,
    Learner,
    Manifest,
    PackedFile,
    format_manifest,
    parse_manifest,
)
from checks.expect import Failure

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEX = "0123456789abcdef"
FILES = st.lists(
    st.builds(
        PackedFile,
        st.lists(st.text("abc.é ", min_size=3, max_size=6), min_size=1, max_size=4).map("/".join),
        st.integers(0, 1 << 40),
        st.text(HEX, min_size=64, max_size=64),
    ).filter(lambda file: not file.path.startswith("..") and "/." not in f"/{file.path}"),
    max_size=5,
    unique_by=lambda file: file.path,
)
COMMIT = st.text(HEX, min_size=40, max_size=40)
MANIFESTS = st.builds(
    Manifest,
    course=st.builds(CourseVersion, TEXT, TEXT),
    learner=st.builds(Learner, TEXT, TEXT),
    branch=TEXT,
    commit=COMMIT,
    shallow=st.lists(COMMIT, max_size=2).map(tuple),
    tasks=st.lists(TEXT, max_size=3).map(tuple),
    files=FILES.map(tuple),
)


def manifest_of(*files: PackedFile, learner: str = "a") -> Manifest:
    """A manifest of these files."""
    return Manifest(
        course=CourseVersion("c", "1"),
        learner=Learner(learner, "A"),
        branch="b",
        commit="0" * 40,
        shallow=(),
        tasks=(),
        files=files,
    )


@given(MANIFESTS)
def test_what_is_written_is_read_again(manifest: Manifest) -> None:
    assert parse_manifest(format_manifest(manifest)) == manifest


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(MANIFESTS, st.sampled_from(["course", "learner", "branch", "commit", "shallow", "tasks", "files"]), JSON)
def test_any_other_value_is_read_or_refused(manifest: Manifest, key: str, value: object) -> None:
    document = json.loads(format_manifest(manifest))
    document[key] = value
    with contextlib.suppress(Failure):
        assert parse_manifest(json.dumps(document).encode()).commit


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", "./a", "a//b", "..", "a/"])
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    manifest = manifest_of(PackedFile(path, 0, "0" * 64))
    with pytest.raises(Failure, match="no path in the archive"):
        parse_manifest(format_manifest(manifest))


def test_faults_name_each_difference(tmp_path: Path) -> None:
    contents = {"same": b"same", "edited": b"edited", "cut": b"c", "inner/more": b"more"}
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / MANIFEST).write_text("{}")
    said = {"same": b"same", "edited": b"EDITED", "cut": b"cut", "gone": b"gone"}
    files = tuple(PackedFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in said.items())
    manifest = manifest_of(*files)
    assert list(manifest.faults(Files(tmp_path))) == [
        "edited: other content than the manifest says",
        "cut: 1 bytes, and the manifest says 3",
        "gone: not there",
        "inner/more: not in the manifest",
    ]


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("links need a right of their own on Windows")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    file = PackedFile("link", 6, hashlib.sha256(b"secret").hexdigest())
    manifest = manifest_of(file)
    assert list(manifest.faults(Files(tmp_path / "in"))) == ["link: a link that leads out of the submission"]


def test_half_a_character_is_refused() -> None:
    manifest = manifest_of(learner="\ud800")
    with pytest.raises(Failure):
        parse_manifest(format_manifest(manifest))


def test_folders_within_each_other_without_end(tmp_path: Path) -> None:
    at = tmp_path
    for _ in range(60):
        at /= "d"
    at.mkdir(parents=True)
    manifest = manifest_of()
    assert len(list(manifest.faults(Files(tmp_path)))) == 1
