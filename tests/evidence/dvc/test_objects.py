"""Objects in DVC's cache and in a remote that is a folder: there, whole, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checks.evidence.dvc.objects import ObjectStore
from checks.evidence.dvc.pointer import Output, parse_pointer
from checks.evidence.files import Files
from checks.expect import Failure

if TYPE_CHECKING:
    from tests.evidence.conftest import Repo


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def put(root: Path, content: bytes, ending: str = "", legacy: bool = False) -> str:
    """Store an object as DVC does, and return its hash."""
    name = md5(content) + ending
    at = root / "store" / ("" if legacy else "files/md5") / name[:2] / name[2:]
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(content)
    return name


def folder(root: Path, listing: object, legacy: bool = False) -> Output:
    content = listing if isinstance(listing, bytes) else json.dumps(listing).encode()
    return Output("photos", put(root, content, ".dir", legacy), None, legacy)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(Files(tmp_path), "store")


def test_what_was_not_pushed_is_missing_in_the_remote_and_there_in_the_cache(course: Repo) -> None:
    (second,) = parse_pointer((course.root / "task/data/rentals.csv.dvc").read_bytes(), "task/data/rentals.csv.dvc")
    (fault,) = ObjectStore(Files(course.root), ".storage").faults(second)
    assert fault.missing
    assert fault.path == f"files/md5/{second.md5[:2]}/{second.md5[2:]}"
    assert ObjectStore(Files(course.root), "task/.dvc/cache").holds(second.md5)


@pytest.mark.parametrize("legacy", [False, True])
def test_both_layouts_are_read_and_not_mixed_up(tmp_path: Path, store: ObjectStore, legacy: bool) -> None:
    name = put(tmp_path, b"data", legacy=legacy)
    assert store.fault(name, legacy) is None
    assert not store.holds(name, not legacy)


def test_content_that_does_not_have_its_hash_is_told_with_the_hash_it_has(tmp_path: Path, store: ObjectStore) -> None:
    name = put(tmp_path, b"data")
    (tmp_path / "store" / store.path(name)).write_bytes(b"forged")
    fault = store.fault(name)
    assert fault is not None
    assert not fault.missing
    assert md5(b"forged") in fault.found


def test_a_folder_with_a_file_missing_names_that_file_alone(tmp_path: Path, store: ObjectStore) -> None:
    there = put(tmp_path, b"there")
    output = folder(tmp_path, [{"relpath": "a", "md5": there}, {"relpath": "b", "md5": md5(b"gone")}])
    (fault,) = store.faults(output)
    assert (fault.missing, fault.path) == (True, store.path(md5(b"gone")))


def test_a_folder_whose_listing_is_missing_has_no_files_to_tell(store: ObjectStore) -> None:
    output = Output("photos", md5(b"x") + ".dir", None, False)
    assert store.listing(output) is None
    (fault,) = store.faults(output)
    assert fault.missing


LIES: list[object] = [
    b"", b"not json", b"[" * 100_000, {}, "x", 1, None, [1], [{}], [[]], [{"relpath": "a"}], [{"md5": md5(b"a")}],
    [{"relpath": 1, "md5": md5(b"a")}], [{"relpath": "a", "md5": None}], [{"relpath": "a", "md5": "../../../etc/passwd"}],
    [{"relpath": "a", "md5": ""}], [{"relpath": "a", "md5": md5(b"a")}] * 2,
]  # fmt: skip


@pytest.mark.parametrize("listing", LIES, ids=range(len(LIES)))
def test_a_malformed_listing_is_a_failure_that_names_it(tmp_path: Path, store: ObjectStore, listing: object) -> None:
    output = folder(tmp_path, listing)
    for attempt in (store.listing, store.faults):
        with pytest.raises(Failure, match=store.path(output.md5)):
            attempt(output)


def test_paths_in_a_listing_that_lead_outside_are_names_and_nothing_more(tmp_path: Path, store: ObjectStore) -> None:
    there = put(tmp_path, b"there")
    output = folder(tmp_path, [{"relpath": "../../outside", "md5": there}, {"relpath": "/etc/passwd", "md5": there}])
    assert store.faults(output) == []
