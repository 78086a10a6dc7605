"""The readers say what the tools themselves say of what they made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import yaml

from checks.evidence.conda.environment import parse_environment
from checks.evidence.conda.lock import is_explicit, parse_explicit, parse_lock
from checks.evidence.conda.package import Package
from checks.evidence.conda.prefix import find_prefixes, read_prefix
from checks.evidence.files import Files
from tests.evidence.conda.conftest import Made


def keys(packages: tuple[Package, ...]) -> set[tuple[str, str, str]]:
    return {(package.name, package.version, package.build) for package in packages}


def test_prefix_agrees_with_conda_list(made: Made) -> None:
    listed = json.loads(made.conda("list", "--prefix", "./env", "--json"))
    prefix = read_prefix(Files(made.root), "env")
    assert keys(prefix.packages) == {(one["name"], one["version"], one["build_string"]) for one in listed}
    assert {package.channel for package in prefix.packages} == {one["channel"] for one in listed} == {"conda-forge"}
    assert prefix.platform == listed[0]["platform"]
    assert prefix.pip == {}
    assert find_prefixes(Files(made.root), "") == ["env"]


def test_prefix_agrees_with_rattler(made: Made) -> None:
    from rattler import PrefixRecord

    records = [PrefixRecord.from_path(path) for path in sorted((made.root / "env/conda-meta").glob("*.json"))]
    ours = read_prefix(Files(made.root), "env").packages
    theirs = {(one.name.normalized, str(one.version), str(one.build), str(one.url), one.md5.hex()) for one in records}
    assert {(one.name, one.version, one.build, one.url, one.md5) for one in ours} == theirs


def test_explicit_list_agrees_with_the_environment(made: Made) -> None:
    text = made.conda("list", "--prefix", "./env", "--explicit", "--md5").encode()
    assert is_explicit(text)
    lock = parse_explicit(text, "list.txt")
    installed = read_prefix(Files(made.root), "env")
    (platform,) = lock.platforms
    assert platform == installed.platform
    assert keys(lock.packages[platform]) == keys(installed.packages)
    assert {one.name: one.md5 for one in lock.packages[platform]} == {one.name: one.md5 for one in installed.packages}


def test_lock_agrees_with_conda_locks_own_parser(made: Made) -> None:
    program = (
        "import json, pathlib; from conda_lock.lockfile import parse_conda_lock_file as parse;"
        "content = parse(pathlib.Path('conda-lock.yml'));"
        "print(json.dumps([[p.platform, p.name, p.version, p.url, p.hash.md5, p.hash.sha256] for p in content.package]))"
    )
    python = Path(os.path.realpath(shutil.which("conda-lock") or "")).with_name("python")
    told = subprocess.run([python, "-c", program], cwd=made.root, capture_output=True, text=True, check=True).stdout
    lock = parse_lock((made.root / "conda-lock.yml").read_bytes(), "conda-lock.yml")
    ours = {
        (platform, one.name, one.version, one.url, one.md5, one.sha256)
        for platform, packages in lock.packages.items()
        for one in packages
    }
    assert ours == {tuple(one) for one in json.loads(told)}
    assert lock.platforms == ("linux-64", "osx-arm64")


def test_rendered_explicit_list_is_the_lock(made: Made) -> None:
    render = ["conda-lock", "render", "--kind", "explicit", "--platform", "linux-64", "conda-lock.yml"]
    subprocess.run(render, cwd=made.root, capture_output=True, check=True)
    text = (made.root / "conda-linux-64.lock").read_bytes()
    lock = parse_lock((made.root / "conda-lock.yml").read_bytes(), "conda-lock.yml")
    assert keys(parse_explicit(text, "list").packages["linux-64"]) == keys(lock.packages["linux-64"])


def test_export_agrees_with_the_environment(made: Made) -> None:
    text = made.conda("env", "export", "--prefix", "./env")
    exported = parse_environment(text.encode(), "environment.yml")
    installed = read_prefix(Files(made.root), "env")
    assert {spec.name for spec in exported.specs} == {package.name for package in installed.packages}
    for spec in exported.specs:
        package = installed.package(spec.name)
        assert package is not None
        assert spec.accepts(package)
        assert spec.version == package.version
    assert exported.prefix is not None
    assert list(exported.channels) == yaml.safe_load(text)["channels"]


def test_what_pip_installed_is_told_apart(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "env"
    (folder / "lib/python3.11/site-packages/Some_Thing-1.2.dist-info").mkdir(parents=True)
    for name in ("joblib-1.4.2.dist-info", "pip-25.3.dist-info"):
        (folder / "lib/python3.11/site-packages" / name).mkdir()
    (folder / "conda-meta").symlink_to(made.root / "env/conda-meta")
    outside = read_prefix(Files(tmp_path), "env")
    assert outside.packages == ()  # a link that leads out of the submission is not followed
    prefix = read_prefix(Files(made.root), "env")
    assert re.fullmatch(r"[0-9a-f]{64}", prefix.packages[0].sha256 or "")
    assert outside.pip == {"some-thing": "1.2", "joblib": "1.4.2", "pip": "25.3"}
