"""Where a rebuild takes locked packages from: this machine's own places, and only the locked bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
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
    for other in ({"md5": "0" * 32}, {"sha256": None}):  # no hash is never enough
        with pytest.raises(Failure):
            taken(replace(package, **other), machine)


# What is done to the machine, what of the package's address is another, and what is said.
NOT_TO_BE_HAD: dict[str, tuple[Callable[[Path], object], tuple[str, str], str]] = {
    # What a network answers that wants a login first: nothing that a learner has done.
    "a page": (lambda machine: original(machine).write_text("<html>Sign in"), ("", ""), "something that is no package"),
    "not there": (lambda machine: original(machine).unlink(), ("", ""),
        r"small 1\.0 0 cannot be had on this machine: no file of this name in http"),
    "no network": (
        lambda machine: settings(machine, "channel_alias: http://127.0.0.1:9"), ("", ""), "Connection refused"),
    "another channel": (original, ("conda-forge", "evil"), "a rebuild asks conda-forge alone"),
    **{
        f"the file name {name}": (original, ("small-1.0-0.tar.bz2", name), "a file name that is not looked for")
        for name in ("..%2F..%2Fetc-1-0.conda", "x%00-1-0.conda", "x-1%0A-0.conda", "-x-1-0.conda")
    },
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_TO_BE_HAD)
def test_what_cannot_be_had(machine: Path, package: Package, served: list[str], case: str) -> None:
    do, (old, new), told = NOT_TO_BE_HAD[case]
    do(machine)
    with pytest.raises(Unavailable, match=told):
        taken(replace(package, url=package.url.replace(old, new), sha256="0" * 64 if old else package.sha256), machine)


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


@pytest.mark.parametrize(
    ("limit", "value", "error", "told"),
    [("PACKAGES", 0, Failure, "an environment for one forecast"), ("ALL_BYTES", 10, Failure, "an environment for one"),
     ("PACKAGE_BYTES", 10, Unavailable, "more than 0 MiB")],
)  # fmt: skip
def test_limits(
    machine: Path, package: Package, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, error: type, told: str
) -> None:
    monkeypatch.setattr(conda_packages, limit, value)
    with pytest.raises(error, match=told):
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


def test_settings_that_are_absent_or_broken(machine: Path) -> None:
    settings(machine, "channel_alias: [")
    with pytest.raises(Unavailable, match="conda's settings on this machine"):
        channel_address("conda-forge")
    (machine / "condarc").unlink()
    assert channel_address("conda-forge").startswith("https://")
