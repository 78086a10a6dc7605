"""The archive: the same bytes for the same files, and never a file that changed meanwhile."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.manifest import PackedFile
from checks.learner.packing.archive import ChangedError, Source, describe, write_archive


def _files(contents: dict[str, bytes]) -> dict[PackedFile, Source]:
    sources = {path: (lambda data=data: io.BytesIO(data)) for path, data in contents.items()}
    return {describe(path, source): source for path, source in sources.items()}


@given(st.dictionaries(st.text("abé ", min_size=1, max_size=150), st.binary(max_size=50), max_size=6), st.randoms())
def test_order_and_time_of_writing_do_not_show(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes], chance: object
) -> None:
    folder: Path = tmp_path_factory.mktemp("archives")
    again = list(contents.items())
    chance.shuffle(again)  # type: ignore[attr-defined]
    write_archive(folder / "one", "ada", _files(contents), ("first", b"1"), 1_700_000_000)
    write_archive(folder / "other", "ada", _files(dict(again)), ("first", b"1"), 1_700_000_000)
    assert (folder / "one").read_bytes() == (folder / "other").read_bytes()
    with tarfile.open(folder / "one") as tar:
        found = {}
        for info in tar:
            assert (info.mtime, info.mode, info.uid, info.gid, info.uname, info.gname) == (
                *(1_700_000_000, 0o644, 0, 0, "", ""),
            )
            content = tar.extractfile(info)
            assert content is not None
            found[info.name] = content.read()
    assert found == {"ada/first": b"1", **{f"ada/{path}": data for path, data in contents.items()}}


def test_no_name_and_no_time_in_the_head(tmp_path: Path) -> None:
    write_archive(tmp_path / "ada.tar.gz", "ada", {}, ("first", b"1"), 1_700_000_000)
    assert (tmp_path / "ada.tar.gz").read_bytes()[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_the_same_content_is_packed_once(tmp_path: Path) -> None:
    data = os.urandom(1 << 18)
    write_archive(tmp_path / "x", "ada", _files({f"copy-{number}": data for number in range(5)}), ("first", b""), 0)
    assert len(gzip.decompress((tmp_path / "x").read_bytes())) < 1.2 * len(data)


@pytest.mark.parametrize("later", [b"", b"shor", b"longer than it was", b"other"])
@pytest.mark.parametrize("known", [False, True])
def test_a_file_that_changes_is_noticed(later: bytes, known: bool, tmp_path: Path) -> None:
    """Longer, shorter, other bytes; also where its content is in the archive already. Nothing stays behind."""
    (tmp_path / "ada.tar.gz").write_bytes(b"the last one")
    files = _files({"a": b"first"}) if known else {}
    changed = describe("b", lambda: io.BytesIO(b"first"))
    with pytest.raises(ChangedError, match=r"^b changed while it was packed"):
        write_archive(tmp_path / "ada.tar.gz", "ada", {**files, changed: lambda: io.BytesIO(later)}, ("m", b""), 0)
    assert [path.name for path in tmp_path.iterdir()] == ["ada.tar.gz"]
    assert (tmp_path / "ada.tar.gz").read_bytes() == b"the last one"
