"""Where a rebuild takes locked packages from: this machine's own places, and only the locked bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from checks.evidence.conda.machine import channel_address, package_caches, platform
from checks.evidence.conda.package import Package, package_of
from checks.expect import Failure, Unavailable
from checks.rebuild import conda_packages
from checks.rebuild.conda_packages import lay_out
from tests.task_3_2.packages import make_package

ELSEWHERE = "https://example.org/conda-forge"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a conda, but with settings: channels are folders below `channels`."""
    for name in ("CONDA_PKGS_DIRS", "CONDA_CHANNEL_ALIAS", "CONDA_EXE", "MAMBA_ROOT_PREFIX", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONDARC", str(tmp_path / "condarc"))
    settings(tmp_path, f"channel_alias: {(tmp_path / 'channels').as_uri()}")
    return tmp_path


def settings(machine: Path, text: str) -> None:
    (machine / "condarc").write_text(text)


@pytest.fixture
def package(machine: Path) -> Package:
    """A package of the channel conda-forge, whose address in the lock is another one."""
    made = make_package(machine / "channels/conda-forge", "small", {"share/small": b"small"})
    return replace(made, url=f"{ELSEWHERE}/{platform()}/small-1.0-0.tar.bz2")


@pytest.fixture
def served(machine: Path) -> Iterator[list[str]]:
    """The channel by HTTP, and what was asked of it."""
    asked: list[str] = []

    class Channel(SimpleHTTPRequestHandler):
        def log_request(self, *_: object) -> None:
            asked.append(self.path)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Channel, directory=str(machine / "channels"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings(machine, f"channel_alias: http://127.0.0.1:{server.server_port}")
        yield asked
        server.shutdown()


def taken(package: Package, machine: Path) -> bytes:
    """The file that is laid out for a package."""
    into = machine / f"into-{len(list(machine.iterdir()))}"
    into.mkdir()
    lay_out([package], into)
    (file,) = [path for path in into.rglob("*") if path.is_file()]
    assert file == into / package.channel / package.subdir / "small-1.0-0.tar.bz2"
    return file.read_bytes()


def original(machine: Path) -> Path:
    return machine / "channels/conda-forge" / platform() / "small-1.0-0.tar.bz2"


def test_from_a_channel_that_is_a_folder(machine: Path, package: Package) -> None:
    assert taken(package, machine) == original(machine).read_bytes()


def test_from_the_cache_of_conda(machine: Path, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever channel it came from; a file of the same name with other bytes is passed over."""
    monkeypatch.setenv("CONDA_PKGS_DIRS", str(machine / "pkgs"))
    (machine / "pkgs").mkdir()
    (machine / ".conda/pkgs").mkdir(parents=True)
    (machine / "pkgs/small-1.0-0.tar.bz2").write_bytes(b"BZh other")
    content = original(machine).read_bytes()
    original(machine).rename(machine / ".conda/pkgs/small-1.0-0.tar.bz2")
    other = replace(package, url=package.url.replace("conda-forge", "bioconda"))
    into = machine / "into"
    into.mkdir()
    lay_out([other], into)
    assert (into / "other" / platform() / "small-1.0-0.tar.bz2").read_bytes() == content


def test_downloaded_once(machine: Path, package: Package, served: list[str]) -> None:
    assert taken(package, machine) == taken(package, machine) == original(machine).read_bytes()
    assert served == [f"/conda-forge/{platform()}/small-1.0-0.tar.bz2"]


def test_bytes_that_the_lock_does_not_mean(machine: Path, package: Package) -> None:
    real = package.sha256
    with pytest.raises(Failure) as failure:
        taken(replace(package, sha256="0" * 64), machine)
    assert f"the channel's hash: {real}" in failure.value.expected
    assert "0" * 64 in failure.value.found
    with pytest.raises(Failure):
        taken(replace(package, md5="0" * 32), machine)


def test_no_hash_is_never_enough(machine: Path, package: Package) -> None:
    with pytest.raises(Failure):
        taken(replace(package, sha256=None), machine)


def test_a_page_instead_of_a_package(machine: Path, package: Package, served: list[str]) -> None:
    """What a network answers that wants a login first: nothing that a learner has done."""
    original(machine).write_text("<html>Sign in first")
    with pytest.raises(Unavailable, match="something that is no package"):
        taken(package, machine)


def test_what_is_not_there(machine: Path, package: Package, served: list[str]) -> None:
    original(machine).unlink()
    with pytest.raises(Unavailable, match=r"small 1\.0 0 cannot be had on this machine: no file of this name in http"):
        taken(package, machine)


def test_no_network(machine: Path, package: Package) -> None:
    settings(machine, "channel_alias: http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="Connection refused"):
        taken(package, machine)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/conda-forge/{platform}/passwd-1-0.conda",
        "{here}/conda-forge/{platform}/secret-1-0.conda",
        "{here}/{platform}/../../../../etc/{platform}/x-1-0.conda",
        "ftp://example.org/conda-forge/{platform}/x-1-0.conda",
    ],
)
def test_no_address_of_a_lock_is_opened(machine: Path, served: list[str], address: str) -> None:
    """Only the name counts, below the machine's own channel."""
    alias = (machine / "condarc").read_text().removeprefix("channel_alias: ")
    package = package_of(address.format(platform=platform(), here=f"{alias}/secret"), None, "0" * 64)
    assert package is not None
    with pytest.raises(Unavailable):
        taken(package, machine)
    assert not [path for path in served if "secret" in path and not path.startswith(f"/conda-forge/{platform()}/")]


@pytest.mark.parametrize("name", ["..%2F..%2Fetc-1-0.conda", "x%00-1-0.conda", "x-1%0A-0.conda", "-x-1-0.conda"])
def test_name_that_is_no_file_of_a_channel(machine: Path, name: str) -> None:
    package = package_of(f"{ELSEWHERE}/{platform()}/x-1-0.conda", None, "0" * 64)
    assert package is not None
    with pytest.raises(Unavailable, match="a file name that is not looked for"):
        taken(replace(package, url=package.url.replace("x-1-0.conda", name)), machine)


def test_another_channel_is_not_asked(machine: Path, package: Package) -> None:
    with pytest.raises(Unavailable, match="a rebuild asks conda-forge alone"):
        taken(replace(package, url=package.url.replace("conda-forge", "evil"), sha256="0" * 64), machine)


@pytest.mark.parametrize(("limit", "value"), [("PACKAGES", 0), ("ALL_BYTES", 10)])
def test_limits(machine: Path, package: Package, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(conda_packages, limit, value)
    with pytest.raises(Failure, match="an environment for one forecast"):
        taken(package, machine)


def test_one_file_has_a_limit(machine: Path, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conda_packages, "PACKAGE_BYTES", 10)
    with pytest.raises(Unavailable, match="more than 0 MiB"):
        taken(package, machine)


def test_settings_of_conda(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert channel_address("conda-forge") == (machine / "channels/conda-forge").as_uri()
    settings(machine, "custom_channels: {conda-forge: 'https://mirror.example.org/all/'}\npkgs_dirs: [~/kept, /gone]")
    (machine / "kept").mkdir()
    assert channel_address("conda-forge") == "https://mirror.example.org/all/conda-forge"
    assert package_caches() == [machine / "kept"]
    (machine / ".condarc").write_text("channel_alias: https://other.example.org")
    settings(machine, "[]")
    assert channel_address("conda-forge") == "https://other.example.org/conda-forge"
    monkeypatch.setenv("CONDA_CHANNEL_ALIAS", "https://first.example.org/")
    assert channel_address("conda-forge") == "https://first.example.org/conda-forge"


def test_without_settings_the_channel_is_where_conda_has_it(machine: Path) -> None:
    (machine / "condarc").unlink()
    assert channel_address("conda-forge").startswith("https://")


def test_settings_that_are_broken_are_ours(machine: Path) -> None:
    settings(machine, "channel_alias: [")
    with pytest.raises(Unavailable, match="conda's settings on this machine"):
        channel_address("conda-forge")
