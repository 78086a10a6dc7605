"""Locks: the lock file of conda-lock, `conda-lock.yml` of version 1, and the `@EXPLICIT` list of one platform.

Formats: https://github.com/conda/conda-lock/blob/main/conda_lock/lockfile/v1/models.py;
https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#building-identical-conda-environments.
`conda list --explicit --md5` writes `#` and an MD5 behind each address, `--sha256` and a SHA-256 in newer editions;
conda-lock and pixi may write `#sha256:` and the digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from packaging.utils import canonicalize_name

from checks import limits
from checks.evidence.conda.package import NOARCH, Package, package_of
from checks.evidence.documents import convert, parse_yaml_text
from checks.expect import Malformed, Unavailable

VERSION = "1"
MARKER = b"@EXPLICIT"
_SHA256 = "sha256:"
_MD5_LENGTH = 32
_Text = Annotated[str, msgspec.Meta(max_length=limits.CONDA_TEXT)]


class _Entry(msgspec.Struct):
    name: _Text
    version: _Text
    platform: _Text
    manager: Literal["conda", "pip"]
    url: str = ""
    hash: object = None

    def digest(self, kind: str) -> object:
        return self.hash.get(kind) if isinstance(self.hash, dict) else None


class _Metadata(msgspec.Struct):
    platforms: list[str]


class _Document(msgspec.Struct):
    metadata: _Metadata
    package: Annotated[list[_Entry], msgspec.Meta(max_length=limits.CONDA_PACKAGES)]


@dataclass(frozen=True, slots=True)
class PipPackage:
    """A package that pip installs. `name` is normalised, as PyPI compares names."""

    name: str
    version: str
    hashed: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """The packages that a lock installs on each platform.

    `multi` says whether its format can hold several platforms, and packages of pip: that of conda-lock can, an
    `@EXPLICIT` list can't.
    """

    path: str
    packages: dict[str, tuple[Package, ...]]
    pip: dict[str, tuple[PipPackage, ...]]
    multi: bool

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms, sorted."""
        return tuple(sorted(self.packages))

    def package(self, platform: str, name: str) -> Package | None:
        """The package of this name on a platform, or None."""
        return next((package for package in self.packages[platform] if package.name == name), None)


def parse_lock(data: bytes, path: str) -> Lock:
    """The lock file in `data`. Raises Malformed where it is none or contradicts itself, Unavailable for a newer version."""
    mapping = parse_yaml_text(data, path)
    version = mapping.get("version") if isinstance(mapping, dict) else None
    if version != VERSION:
        if isinstance(version, str) and version.isdecimal() and len(version) < 3:
            raise Unavailable(
                f"{path} has version {version} of conda-lock's format; these checks read version {VERSION}"
            )
        raise Malformed(path, "no `version: 1`, as conda-lock writes it")
    document = convert(mapping, _Document, path)
    packages: dict[str, list[Package]] = {platform: [] for platform in document.metadata.platforms}
    pip: dict[str, list[PipPackage]] = {platform: [] for platform in packages}
    for entry in document.package:
        if entry.platform not in packages:
            raise Malformed(path, f"{entry.name} for {entry.platform}, which is not among `metadata: platforms`")
        if entry.manager == "pip":
            hashed = isinstance(entry.digest("sha256"), str)
            pip[entry.platform].append(PipPackage(canonicalize_name(entry.name), entry.version, hashed))
        else:
            packages[entry.platform].append(_package(entry, path))
    once = {platform: _once_each(found, path) for platform, found in packages.items()}
    return Lock(path, once, {platform: tuple(found) for platform, found in pip.items()}, multi=True)


def _package(entry: _Entry, path: str) -> Package:
    """The conda package of an entry, whose fields and address must say the same."""
    package = package_of(entry.url, entry.digest("md5"), entry.digest("sha256"))
    if package is None:
        raise Malformed(path, f"{entry.name} without the address of a conda package")
    said = (package.name, package.version, package.subdir)
    if said not in ((entry.name.lower(), entry.version, subdir) for subdir in (entry.platform, NOARCH)):
        raise Malformed(path, f"{entry.name} {entry.version} for {entry.platform}, whose address says {' '.join(said)}")
    return package


def is_explicit(data: bytes) -> bool:
    """Whether a line of a file marks it as an `@EXPLICIT` list."""
    return any(line.strip() == MARKER for line in data.splitlines())


def parse_explicit(data: bytes, path: str) -> Lock:
    """The `@EXPLICIT` list in `data`. Raises Malformed where a line is no package, or where it mixes platforms."""
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise Malformed(path, "bytes that are no UTF-8 (in PowerShell, `>` can write UTF-16)") from None
    packages: list[Package] = []
    for line in lines:
        if not line or line.startswith(("#", MARKER.decode())):
            continue
        package = _listed(line)
        if package is None:
            raise Malformed(path, f"`{line[:80]}`, which is no address of a conda package")
        packages.append(package)
        if len(packages) > limits.CONDA_PACKAGES:
            raise Malformed(path, f"more than {limits.CONDA_PACKAGES:,} packages")
    platforms = sorted({package.subdir for package in packages} - {NOARCH})
    if len(platforms) != 1:
        raise Malformed(path, f"packages of {', '.join(platforms) or 'no platform'}: a list is for one platform")
    return Lock(path, {platforms[0]: _once_each(packages, path)}, {platforms[0]: ()}, multi=False)


def _listed(line: str) -> Package | None:
    url, _, digest = line.partition("#")
    is_sha256 = digest.startswith(_SHA256) or len(digest) > _MD5_LENGTH
    digest = digest.removeprefix(_SHA256)
    return package_of(url, None if is_sha256 else digest, digest if is_sha256 else None)


def _once_each(packages: Iterable[Package], path: str) -> tuple[Package, ...]:
    """The packages of one platform. The same one may be named in several categories; two of one name may not."""
    found: dict[str, Package] = {}
    for package in packages:
        if found.setdefault(package.name, package).url != package.url:
            raise Malformed(path, f"{package.name} twice: {found[package.name].version} and {package.version}")
    return tuple(found.values())
