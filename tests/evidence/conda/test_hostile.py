"""Files that no tool wrote: each is a failure that names it, or too much of something."""

from __future__ import annotations

import contextlib
import json
import os
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


@pytest.mark.parametrize(
    "text",
    ["", "[]", "x", "name: a", "dependencies: {}", "dependencies: [[a]]", "dependencies: [{pip: a}]",
     "dependencies: [{pip: [a], other: [b]}]", "dependencies: [{python: 3.11}]", "dependencies: [a=1, {pip: [-e .]}]",
     "dependencies: [{pip: [a==1]}, {pip: [b==1]}]", "channels: a\ndependencies: [a=1]",
     "channels: [{a: b}]\ndependencies: [a=1]", "dependencies: &a [*a]", "dependencies: [&a {pip: *a}]",
     f"dependencies: [{'a=1,' * 3000}]"],
)  # fmt: skip
def test_what_is_no_environment_is_named(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_environment(text.encode(), "environment.yml")
    assert "environment.yml" in caught.value.looked_at


@pytest.mark.parametrize(
    "line",
    ["-e .", "-r x.txt", "--index-url https://example.org", "./x.whl", "git+https://example.org/x", "a @ https://b/c",
     "", ["a"], {"a": "b"}],
)  # fmt: skip
def test_what_is_no_line_for_pip_is_named(line: object) -> None:
    with pytest.raises(Malformed) as caught:
        parse_environment(json.dumps({"dependencies": ["python=3.11.7", {"pip": [line]}]}).encode(), "environment.yml")
    assert caught.value.looked_at == "environment.yml: the pip section"


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
        parse_lock(json.dumps(LOCK | change).encode(), "conda-lock.yml")
    assert caught.value.looked_at == "conda-lock.yml"


def test_package_with_two_versions_is_named() -> None:
    """Else one version could satisfy environment.yml, and the other be what made the answer."""
    other = ENTRY | {"version": "2.4.6", "url": URL.replace("2.3.5", "2.4.6")}
    with pytest.raises(Malformed, match=r"numpy twice: 2\.3\.5 and 2\.4\.6"):
        parse_lock(json.dumps(LOCK | {"package": [ENTRY, other]}).encode(), "conda-lock.yml")
    with pytest.raises(Malformed, match="numpy twice"):
        parse_explicit(f"@EXPLICIT\n{URL}\n{other['url']}\n".encode(), "list.txt")


def test_package_in_two_categories_is_one() -> None:
    entries = [ENTRY | {"category": "main"}, ENTRY | {"category": "dev"}]
    assert len(parse_lock(json.dumps(LOCK | {"package": entries}).encode(), "lock").packages["linux-64"]) == 1


def test_a_newer_lock_is_not_judged() -> None:
    with pytest.raises(Unavailable, match="version 2"):
        parse_lock(json.dumps(LOCK | {"version": 2}).encode(), "conda-lock.yml")


def test_hash_that_is_none_does_not_count() -> None:
    for value in ("", "x", "0" * 31, 5, ["0" * 32]):
        lock = parse_lock(json.dumps(LOCK | {"package": [ENTRY | {"hash": {"md5": value}}]}).encode(), "conda-lock.yml")
        assert not lock.packages["linux-64"][0].hashed


@pytest.mark.parametrize("digest", ["#" + "a" * 32, "#" + "b" * 64, "#sha256:" + "b" * 64])
def test_hashes_of_a_list(digest: str) -> None:
    lock = parse_explicit(f"@EXPLICIT\n{URL}{digest}\n".encode(), "list.txt")
    assert lock.packages["linux-64"][0].hashed


@pytest.mark.parametrize(
    "text", ["@EXPLICIT\n", "@EXPLICIT\nnumpy=2.3.5\n", f"@EXPLICIT\n{URL}\n{URL.replace('linux-64', 'win-64')}"]
)
def test_what_is_no_list_is_named(text: str) -> None:
    with pytest.raises(Malformed):
        parse_explicit(text.encode(), "list.txt")


def test_list_in_utf16_is_named() -> None:
    with pytest.raises(Malformed, match="UTF-16"):
        parse_explicit(f"@EXPLICIT\n{URL}\n".encode("utf-16"), "list.txt")


def records(root: Path) -> Path:
    folder = root / "env/conda-meta"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "document",
    [[], "x", {}, RECORD | {"version": 2}, RECORD | {"url": "x"}, RECORD | {"version": "2.3.4"},
     RECORD | {"name": "scipy"}, RECORD | {"subdir": "win-64"}, RECORD | {"url": None}],
)  # fmt: skip
def test_what_is_no_record_is_named(tmp_path: Path, document: object) -> None:
    name = "numpy-2.3.5-py311_0.json"
    (records(tmp_path) / name).write_text(json.dumps(document))
    with pytest.raises(Malformed) as caught:
        read_prefix(Files(tmp_path), "env")
    assert caught.value.looked_at == f"env/conda-meta/{name}"


def test_record_under_another_name_is_named(tmp_path: Path) -> None:
    (records(tmp_path) / "scipy-1.0-0.json").write_text(json.dumps(RECORD))
    with pytest.raises(Malformed, match=r"the record of numpy 2\.3\.5"):
        read_prefix(Files(tmp_path), "env")


def test_record_that_is_no_file_stops_nobody(tmp_path: Path) -> None:
    folder = records(tmp_path)
    os.mkfifo(folder / "a-1-0.json")
    with pytest.raises(Failure):
        read_prefix(Files(tmp_path), "env")


def test_record_that_leads_outside_is_not_read(tmp_path: Path) -> None:
    (records(tmp_path) / "a-1-0.json").symlink_to("/etc/hostname")
    with pytest.raises(Failure):
        read_prefix(Files(tmp_path), "env")


def test_giant_record_is_not_read(tmp_path: Path) -> None:
    with open(records(tmp_path) / "a-1-0.json", "wb") as file:
        file.truncate(limits.CONDA_RECORD_BYTES + 1)
    with pytest.raises(Failure, match="at most"):
        read_prefix(Files(tmp_path), "env")


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
