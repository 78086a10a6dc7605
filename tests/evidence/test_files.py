"""Files of a submission are read inside its folder only, and only within limits."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import limits
from checks.evidence import files as module
from checks.evidence.files import FileHash, Files, Kind
from checks.expect import Failure

SECRET = b"of another learner"


@pytest.fixture(params=["from open folders", "by resolved paths"])
def work(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A submission beside a secret; read as on Linux and macOS, and as on Windows."""
    if request.param == "by resolved paths":
        monkeypatch.setattr(module, "_CONFINED", False)
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_bytes(SECRET)
    work = tmp_path / "work"
    (work / "cache" / "ab").mkdir(parents=True)
    (work / "cache" / "ab" / "cdef").write_bytes(b"data")
    return work


@pytest.mark.parametrize("target", ["cache/ab/cdef", "./cache/../cache/ab/cdef", "{work}/cache/ab/cdef"])
def test_a_link_that_stays_inside_is_followed(work: Path, target: str) -> None:
    (work / "data").symlink_to(target.format(work=work))
    assert Files(work).read("data") == b"data"
    assert Files(work).hash("data") == FileHash.of(b"data")


def test_a_linked_folder_inside_is_followed(work: Path) -> None:
    (work / "store").symlink_to("cache")
    assert Files(work).read("store/ab/cdef") == b"data"
    assert Files(work).names("store") == ["ab"]


def test_an_absolute_link_inside_is_followed_though_the_root_itself_was_reached_by_a_link(work: Path) -> None:
    (work / "data").symlink_to(work.resolve() / "cache/ab/cdef")
    shortcut = work.parent / "shortcut"
    shortcut.symlink_to(work)
    assert Files(shortcut).read("data") == b"data"


@pytest.mark.parametrize(
    "target", ["../secret", "{top}/secret", "/etc/passwd", "cache/../../secret", "{work}/../secret"]
)
def test_a_link_that_leads_outside_is_refused_and_named(work: Path, target: str) -> None:
    (work / "data").symlink_to(target.format(work=work, top=work.parent))
    files = Files(work)
    assert files.kind("data") is Kind.OUTSIDE
    for attempt in (files.read, files.hash, files.size):
        with pytest.raises(Failure, match="leads out of the submission"):
            attempt("data")


def test_a_linked_folder_outside_shows_no_names(work: Path) -> None:
    (work / "data").symlink_to("../elsewhere")
    assert Files(work).names("data") == []
    assert Files(work).kind("data/secret") is Kind.OUTSIDE


@pytest.mark.parametrize("path", ["../secret", "cache/../../secret", "/etc/passwd", "cache/ab/../../../secret"])
def test_a_path_that_leads_outside_is_refused(work: Path, path: str) -> None:
    with pytest.raises(Failure):
        Files(work).read(path)
    assert Files(work).names(path.removesuffix("/secret")) == []


def test_link_loops_end(work: Path) -> None:
    (work / "ping").symlink_to("pong")
    (work / "pong").symlink_to("ping")
    (work / "self").symlink_to("self/self")
    for name in ("ping", "self", "ping/inner"):
        with pytest.raises(Failure):
            Files(work).read(name)


def test_a_chain_of_links_ends_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "link0").write_bytes(b"end")
    for number in range(1, 100):
        (tmp_path / f"link{number}").symlink_to(f"link{number - 1}")
    assert Files(tmp_path).read(f"link{limits.LINK_HOPS - 1}") == b"end"
    with pytest.raises(Failure):
        Files(tmp_path).read("link99")


def test_deep_folders_do_not_use_up_the_open_files(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    (tmp_path / ("d/" * 300)).mkdir(parents=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        assert Files(tmp_path).is_folder("d/" * 300)
        assert Files(tmp_path).kind("d/" * 5000) is Kind.MISSING
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def special(work: Path) -> Iterator[Path]:
    os.mkfifo(work / "pipe")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        os.rename(f"{short}/s", work / "socket")
        yield work


@pytest.mark.parametrize("name", ["pipe", "socket"])
def test_a_pipe_or_a_socket_is_named_and_never_waited_for(special: Path, name: str) -> None:
    (special / "link").symlink_to(name)
    for path in (name, "link"):
        assert Files(special).kind(path) is Kind.SPECIAL
        with pytest.raises(Failure, match="neither a file nor a folder"):
            Files(special).read(path)
        with pytest.raises(Failure, match="neither a file nor a folder"):
            Files(special).hash(path)


def test_a_file_at_its_limit_is_read_and_one_byte_more_is_not(work: Path) -> None:
    (work / "full").write_bytes(b"x" * 100)
    assert len(Files(work).read("full", 100)) == 100
    with pytest.raises(Failure, match="at most 99 bytes"):
        Files(work).read("full", 99)


@pytest.mark.parametrize("name", ["nul\0name", "x" * 300, "\ud800", "a\nb", "\u202eback", " ", "-rf", "naïve"])
def test_odd_names_give_a_kind_and_never_an_error(work: Path, name: str) -> None:
    assert Files(work).kind(name) is Kind.MISSING
    assert Files(work).kind(f"cache/{name}/x") is Kind.MISSING
    assert Files(work).names(name) == []
    with pytest.raises(Failure, match="nothing"):
        Files(work).read(name)


def test_a_name_that_is_no_text_can_be_listed_and_read(work: Path) -> None:
    (work / os.fsdecode(b"caf\xe9")).write_bytes(b"latin-1")
    (name,) = (name for name in Files(work).names() if name.startswith("caf"))
    assert Files(work).read(name) == b"latin-1"


def test_a_folder_with_too_many_names_is_refused(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLDER_ENTRIES", 10)
    for number in range(10):
        (work / "cache" / "ab" / str(number)).touch()
    with pytest.raises(Failure, match="at most 10 files"):
        Files(work).names("cache/ab")


def test_a_link_in_a_listing_is_a_link(work: Path) -> None:
    (work / "link").symlink_to("cache")
    kinds = {entry.name: entry.kind for entry in Files(work).entries()}
    assert kinds == {"cache": Kind.FOLDER, "link": Kind.LINK}


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.getuid() != 0, reason="root reads everything: it steps down here")
def test_what_may_not_be_read_is_a_failure_that_says_so() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        os.chmod(top, 0o755)
        Path(top, "locked").mkdir(mode=0o000)
        Path(top, "secret").touch(mode=0o000)
        os.seteuid(65534)
        try:
            for attempt in (lambda: Files(Path(top)).read("secret"), lambda: Files(Path(top)).names("locked")):
                with pytest.raises(Failure, match="permission denied"):
                    attempt()
        finally:
            os.seteuid(0)


NAMES = ("a", "b", "c")
TARGETS = st.lists(st.sampled_from([*NAMES, "..", "."]), min_size=1, max_size=4).map("/".join)
PLACES = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(
    PLACES,
    st.one_of(st.just("file"), st.just("folder"), TARGETS.map(lambda to: f"->{to}"), TARGETS.map(lambda to: f"=>{to}")),
)


@settings(max_examples=150)
@given(tree=TREES, path=st.lists(st.sampled_from([*NAMES, "..", "."]), min_size=1, max_size=6).map("/".join))
@pytest.mark.parametrize("confined", [True, False])
def test_whatever_the_links_only_bytes_from_inside_come_back(confined: bool, tree: dict[str, str], path: str) -> None:
    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CONFINED", confined)
        root = Path(top, "a", "b", "c")  # the names of the outside are those of the inside, so that `..` hits something
        root.mkdir(parents=True)
        for outside in (Path(top, "c"), Path(top, "a", "c"), Path(top, "a", "b", "b"), Path(top, "a", "b", "a")):
            outside.write_bytes(SECRET)
        for place, what in sorted(tree.items()):
            at = root / place
            if not at.parent.is_dir() or not at.parent.resolve().is_relative_to(root.resolve()) or os.path.lexists(at):
                continue
            if what == "file":
                at.write_bytes(f"inside {at.resolve()}".encode())
            elif what == "folder":
                at.mkdir()
            else:
                at.symlink_to(what[2:] if what.startswith("->") else root / what[2:])
        files = Files(root)
        try:
            content = files.read(path)
        except Failure:
            content = None
        if content is not None:
            assert content.startswith(b"inside ")
            assert files.hash(path).md5 == hashlib.md5(content).hexdigest()
        straight = Path(os.path.realpath(root / path))
        if straight.is_relative_to(os.path.realpath(root)) and ".." not in str(tree) + path and straight.is_file():
            assert content == straight.read_bytes()
        for name in files.names(path):
            assert os.path.lexists(root / path / name) or ".." in str(tree) + path
