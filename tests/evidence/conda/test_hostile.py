"""Files that no tool wrote: each is a failure that names it, or too much of something."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import limits
from checks.evidence.conda.environment import parse_environment
from checks.evidence.conda.lock import parse_explicit, parse_lock
from checks.evidence.conda.prefix import find_prefixes, read_prefix
from checks.evidence.files import Files
from checks.expect import Failure, Malformed, Unavailable

URL = "https://conda.anaconda.org/conda-forge/linux-64/numpy-2.3.5-py311_0.conda"
ENTRY = {"name": "numpy", "version": "2.3.5", "platform": "linux-64", "manager": "conda", "url": URL}
LOCK = {"version": 1, "metadata": {"platforms": ["linux-64"]}, "package": [ENTRY]}
RECORD = {"name": "numpy", "version": "2.3.5", "build": "py311_0", "subdir": "linux-64", "url": URL}


def document(**change: object) -> bytes:
    return json.dumps(LOCK | change).encode()


def pip(line: object) -> str:
    return json.dumps({"dependencies": ["python=3.11.7", {"pip": [line]}]})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "x", "name: a", "dependencies: {}", "dependencies: [[a]]", "dependencies: [{pip: a}]",
     "dependencies: [{pip: [a], other: [b]}]", "dependencies: [{python: 3.11}]", "dependencies: [a=1, {pip: [-e .]}]",
     "dependencies: [{pip: [a==1]}, {pip: [b==1]}]", "channels: a\ndependencies: [a=1]",
     "channels: [{a: b}]\ndependencies: [a=1]", "dependencies: &a [*a]", "dependencies: [&a {pip: *a}]",
     f"dependencies: [{'a=1,' * 3000}]", pip("-r x.txt"), pip("--index-url https://example.org"), pip("./x.whl"),
     pip("git+https://example.org/x"), pip("a @ https://b/c"), pip(""), pip(["a"]), pip({"a": "b"})],
)  # fmt: skip
def test_what_is_no_environment_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_environment(text.encode(), "environment.yml")
    assert caught.value.looked_at in ("environment.yml", "environment.yml: the pip section")


@pytest.mark.parametrize(
    "change",
    [{"version": None}, {"version": "x"}, {"metadata": []}, {"metadata": {"platforms": "linux-64"}}, {"package": {}},
     {"package": ["x"]}, {"package": [ENTRY | {"name": ["x"]}]}, {"package": [ENTRY | {"manager": "npm"}]},
     {"package": [ENTRY | {"url": "x"}]}, {"package": [ENTRY | {"url": URL + "/.."}]},
     {"package": [ENTRY | {"version": "2.3.4"}]}, {"package": [ENTRY | {"platform": "osx-arm64"}]},
     {"package": [ENTRY | {"name": "scipy"}]}],
)  # fmt: skip
def test_what_is_no_lock_is_named(change: dict[str, object]) -> None:
    with pytest.raises(Malformed) as caught:
        parse_lock(document(**change), "conda-lock.yml")
    assert caught.value.looked_at == "conda-lock.yml"


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"@EXPLICIT\n", "no platform"), (b"@EXPLICIT\nnumpy=2.3.5\n", "no address"),
     (f"@EXPLICIT\n{URL}\n{URL.replace('linux-64', 'win-64')}".encode(), "for one platform"),
     (f"@EXPLICIT\n{URL}\n".encode("utf-16"), "UTF-16"),
     (f"@EXPLICIT\n{URL}\n{URL.replace('2.3.5', '2.4.6')}\n".encode(), r"numpy twice: 2\.3\.5 and 2\.4\.6")],
)  # fmt: skip
def test_what_is_no_list_is_named(data: bytes, found: str) -> None:
    with pytest.raises(Malformed, match=found):
        parse_explicit(data, "list.txt")


def test_package_with_two_versions_is_named() -> None:
    """Else one version could satisfy environment.yml, and the other be what made the answer."""
    other = ENTRY | {"version": "2.4.6", "url": URL.replace("2.3.5", "2.4.6")}
    with pytest.raises(Malformed, match=r"numpy twice: 2\.3\.5 and 2\.4\.6"):
        parse_lock(document(package=[ENTRY, other]), "conda-lock.yml")
    twice = [ENTRY | {"category": "main"}, ENTRY | {"category": "dev"}]
    assert len(parse_lock(document(package=twice), "lock").packages["linux-64"]) == 1


def test_a_newer_lock_is_not_judged() -> None:
    with pytest.raises(Unavailable, match="version 2"):
        parse_lock(document(version=2), "conda-lock.yml")


def test_hash_that_is_none_does_not_count() -> None:
    for value in ("", "x", "0" * 31, 5, ["0" * 32]):
        lock = parse_lock(document(package=[ENTRY | {"hash": {"md5": value}}]), "conda-lock.yml")
        assert not lock.packages["linux-64"][0].hashed
    for digest in ("#" + "a" * 32, "#" + "b" * 64, "#sha256:" + "b" * 64):
        lock = parse_explicit(f"@EXPLICIT\n{URL}{digest}\n".encode(), "list.txt")
        assert lock.packages["linux-64"][0].hashed


def records(root: Path) -> Path:
    folder = root / "env/conda-meta"
    folder.mkdir(parents=True)
    return folder


NAME = "numpy-2.3.5-py311_0.json"
RECORDS: dict[str, Callable[[Path], object]] = {
    **{
        f"a record {number}": lambda folder, one=one: (folder / NAME).write_text(json.dumps(one))
        for number, one in enumerate(
            [[], "x", {}, RECORD | {"version": 2}, RECORD | {"url": "x"}, RECORD | {"version": "2.3.4"},
             RECORD | {"name": "scipy"}, RECORD | {"subdir": "win-64"}, RECORD | {"url": None}]
        )
    },
    "another name": lambda folder: (folder / "scipy-1.0-0.json").write_text(json.dumps(RECORD)),
    "no file": lambda folder: os.mkfifo(folder / NAME),
    "a link": lambda folder: (folder / NAME).symlink_to("/etc/hostname"),
    "a giant": lambda folder: (folder / NAME).write_bytes(bytes(limits.CONDA_RECORD_BYTES + 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_no_record_is_named(tmp_path: Path, name: str) -> None:
    folder = records(tmp_path)
    RECORDS[name](folder)
    with pytest.raises(Failure) as caught:
        read_prefix(Files(tmp_path), "env")
    assert caught.value.looked_at == f"env/conda-meta/{os.listdir(folder)[0]}"


def test_too_many_records_are_not_read(tmp_path: Path) -> None:
    folder = records(tmp_path)
    for number in range(limits.CONDA_RECORDS + 1):
        (folder / f"a-{number}-0.json").touch()
    with pytest.raises(Malformed, match="more than"):
        read_prefix(Files(tmp_path), "env")


def test_environment_behind_a_link_is_none(tmp_path: Path) -> None:
    records(tmp_path / "elsewhere")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/env").symlink_to(tmp_path / "elsewhere/env")
    assert find_prefixes(Files(tmp_path / "work"), "") == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["linux-64", "conda", URL, "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "version", "package", "metadata", "platforms", "hash", "pip", "dependencies", "url",
                         "platform", "manager", "channels", "prefix", "build", "subdir", "files"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.one_of(st.binary(max_size=60), VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_document_is_read_or_fails(data: bytes) -> None:
    for parse in (parse_environment, parse_lock, parse_explicit):
        with contextlib.suppress(Malformed, Unavailable):
            parse(data, "file")


@given(value=VALUES)
def test_any_record_is_read_or_fails(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    root = tmp_path_factory.mktemp("prefix")
    (records(root) / "numpy-2.3.5-py311_0.json").write_text(json.dumps(value))
    with contextlib.suppress(Failure):
        read_prefix(Files(root), "env")
