"""What an archive from a container may do to us, which is nothing."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from checks.rebuild.tree import Budget, TooLarge, unpack


def archive(*members: tuple[str, bytes, str | bytes]) -> io.BytesIO:
    """A tar of members given as name, type, and content or link."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, kind, what in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = kind, 0o4755
            if isinstance(what, str):
                entry.linkname = what
            else:
                entry.size = len(what)
            tar.addfile(entry, io.BytesIO(what) if isinstance(what, bytes) else None)
    whole.seek(0)
    return whole


def budget(size: int = 1000, entries: int = 20) -> Budget:
    return Budget(size=size, entries=entries)


def test_files_and_hard_links_are_taken_and_nothing_else(out: Path) -> None:
    chunks = archive(
        ("work", tarfile.DIRTYPE, b""),
        ("work/sub", tarfile.DIRTYPE, b""),
        ("work/sub/file", tarfile.REGTYPE, b"content"),
        ("work/again", tarfile.LNKTYPE, "work/sub/file"),
        ("work/link", tarfile.SYMTYPE, "/etc/passwd"),
        ("work/pipe", tarfile.FIFOTYPE, b""),
        ("work/disk", tarfile.BLKTYPE, b""),
        ("work/outside", tarfile.LNKTYPE, "work/../../secret"),
        ("work/../escaped", tarfile.REGTYPE, b"x"),
        ("/work/absolute", tarfile.REGTYPE, b"x"),
    )
    (out.parent / "secret").write_text("secret")
    unpack(chunks, out, budget=budget())
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if not path.is_dir()}
    assert files == {"sub/file": b"content", "again": b"content"}
    assert (out / "again").stat().st_mode & 0o7777 == 0o755
    assert not (out.parent / "escaped").exists()


def test_nothing_goes_through_a_link(out: Path) -> None:
    chunks = archive(("work/link", tarfile.SYMTYPE, "/etc"), ("work/link/x", tarfile.REGTYPE, b"x"))
    unpack(chunks, out, budget=budget())
    assert not (out / "link").is_symlink()
    assert (out / "link" / "x").read_bytes() == b"x"


@pytest.mark.parametrize(
    "members",
    [
        [("work/large", tarfile.REGTYPE, bytes(1001))],
        [(f"work/{number}", tarfile.REGTYPE, b"") for number in range(21)],
        [("work/file", tarfile.REGTYPE, bytes(600)), ("work/again", tarfile.LNKTYPE, "work/file")],
        [("work" + "/d" * 70, tarfile.DIRTYPE, b"")],
    ],
    ids=["bytes", "entries", "hard link", "deep"],
)
def test_past_the_budget(out: Path, members: list[tuple[str, bytes, str | bytes]]) -> None:
    with pytest.raises(TooLarge):
        unpack(archive(*members), out, budget=budget())
