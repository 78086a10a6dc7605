"""The files of locked packages, taken from where conda on this machine has them.

A lock is a stranger's file. No address in it is ever opened: a package is looked for by its file's name in conda's own
folders and in a channel that this course allows, at the address that this machine's settings give that channel. What
is found counts only with the hash that the lock names.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, unquote, urlsplit

from checks.evidence.conda.machine import channel_address, package_caches
from checks.expect import Failure, Unavailable

if TYPE_CHECKING:
    from checks.evidence.conda.package import Package

CHANNELS = ("conda-forge",)
"""The channels that are asked for a package. Others may be configured, and anybody can publish in some."""
PACKAGES = 500
"""Packages of one environment."""
PACKAGE_BYTES = 512 << 20
"""One package's file. The largest that a forecast needs, numpy's and scipy's libraries, are below 50 MB."""
ALL_BYTES = 1 << 30
"""All files of one environment."""
DOWNLOAD_SECONDS = 600.0
"""Time for the downloads of one environment."""
_SILENCE = 20.0
"""Seconds without a byte after which a channel counts as gone."""
_CHUNK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!~-]{0,200}\.(?:conda|tar\.bz2)\Z")
_MAGIC = {"conda": b"PK\x03\x04", "bz2": b"BZh"}
"""How the two kinds of packages begin: a page that says "sign in first" is none."""


class _Other(Exception):  # noqa: N818 - says what the file is
    """A file has other bytes than the lock means."""

    def __init__(self, package: bool, digest: str) -> None:
        super().__init__(digest)
        self.package = package
        self.digest = digest


def lay_out(packages: Sequence[Package], folder: Path) -> None:
    """Copy the files of these packages below an empty folder: `CHANNEL/PLATFORM/FILE`, readable by everybody.

    Raises Unavailable where one cannot be had on this machine, and Failure where its channel has other bytes under
    that name, or where there are more of them than the limits allow.
    """
    _expect_few(len(packages) <= PACKAGES, f"more than {PACKAGES} packages")
    caches = [*package_caches(), _own_cache()]
    left, deadline = ALL_BYTES, time.monotonic() + DOWNLOAD_SECONDS
    for package in packages:
        name = unquote(package.url.rsplit("/", 1)[-1])
        if not _NAME.match(name):
            raise Unavailable(f"{package.name} has a file name that is not looked for: {name[:80]!r}")
        channel = package.channel if package.channel in CHANNELS else "other"
        target = folder / channel / package.subdir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _from_caches(package, name, target, caches):
            _from_channel(package, name, target, deadline)
        left -= target.stat().st_size
        _expect_few(left >= 0, f"packages of more than {ALL_BYTES >> 20:,} MiB")
        target.chmod(0o644)
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


def _expect_few(holds: bool, found: str) -> None:
    if not holds:
        raise Failure(
            looked_at="the packages that the lock names for one platform",
            expected=f"at most {PACKAGES} packages, {ALL_BYTES >> 20:,} MiB in all: an environment for one forecast",
            found=found,
            fix="(leave out what your script does not import, and lock it again)",
        )


def _from_caches(package: Package, name: str, target: Path, caches: Sequence[Path]) -> bool:
    """Copy the package from one of the folders. False where none has it."""
    for cache in caches:
        # A file of this name with other bytes is of another channel.
        with suppress(OSError, _Other), (cache / name).open("rb") as file:
            _copy(file, package, target)
            return True
    return False


def _from_channel(package: Package, name: str, target: Path, deadline: float) -> None:
    """Take the package from its channel."""
    what = f"{package.name} {package.version} {package.build}"
    if package.channel not in CHANNELS:
        raise Unavailable(f"{what} is not on this machine, and a rebuild asks {' and '.join(CHANNELS)} alone")
    address = channel_address(package.channel)
    try:
        with _opened(f"{address}/{package.subdir}", name) as file:
            if urlsplit(address).scheme == "file":
                _copy(file, package, target, deadline)
                return
            kept = _own_cache() / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
                _copy(file, package, Path(scratch, name), deadline)
                os.replace(Path(scratch, name), kept)
        with kept.open("rb") as file:
            _copy(file, package, target)
    except _Other as other:
        if not other.package:
            raise Unavailable(f"{what}: {address} answered with something that is no package") from None
        locked = package.sha256 if len(other.digest) > len(package.md5 or "") else package.md5
        raise Failure(
            looked_at=f"{what} in the lock, and in the channel {package.channel}",
            expected=f"the channel's hash: {other.digest}",
            found=f"{locked}: nobody can install from this lock",
            fix="(make the lock again: its hashes are not typed by hand)",
        ) from None
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"{what} cannot be had on this machine: {_why(error, address)}") from None


@contextmanager
def _opened(address: str, name: str) -> Iterator[BinaryIO]:
    """A file below an address of ours. What follows a redirect stays on the web: urllib leads to no file."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        with Path(unquote(parts.path), name).open("rb") as file:
            yield file
    elif parts.scheme in ("http", "https"):
        with urllib.request.urlopen(f"{address}/{quote(name)}", timeout=_SILENCE) as answer:  # noqa: S310 - http or https
            yield answer
    else:
        raise ValueError(f"{parts.scheme} is no way to a channel")


def _copy(file: BinaryIO, package: Package, target: Path, deadline: float | None = None) -> None:
    """Copy a package's file, if its bytes are the locked ones. Raises _Other where they are not; then there is no copy."""
    digests = {"sha256": hashlib.sha256(), "md5": hashlib.md5(usedforsecurity=False)}
    size, head = 0, b""
    with target.open("wb") as copy:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:4]
            size += len(chunk)
            if size > PACKAGE_BYTES:
                raise OSError(f"more than {PACKAGE_BYTES >> 20} MiB")
            if deadline is not None and time.monotonic() > deadline:
                raise OSError(f"not all packages came within {DOWNLOAD_SECONDS:.0f} seconds")
            for digest in digests.values():
                digest.update(chunk)
            copy.write(chunk)
    found = {name: digest.hexdigest() for name, digest in digests.items()}
    wrong = [name for name in ("sha256", "md5") if getattr(package, name) not in (None, found[name])]
    if wrong or not package.hashed:
        target.unlink()
        raise _Other(head.startswith(_MAGIC[target.name.rsplit(".", 1)[-1]]), found[(wrong or ["sha256"])[0]])


def _own_cache() -> Path:
    """The folder that keeps downloaded packages for the next rebuild."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache, "mlsd-workshop", "packages")


def _why(error: Exception, address: str) -> str:
    if isinstance(error, FileNotFoundError) or (isinstance(error, urllib.error.HTTPError) and error.code == 404):
        return f"no file of this name in {address}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"{address}: {getattr(reason, 'strerror', None) or reason}"
