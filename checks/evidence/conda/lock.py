"""A unified lock file of conda-lock, `conda-lock.yml`, version 1.

Format: https://github.com/conda/conda-lock/blob/main/conda_lock/lockfile/v1/models.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from checks import limits
from checks.evidence.conda.package import NOARCH, Package, package_of
from checks.evidence.documents import parse_yaml_text
from checks.expect import Failure, Unavailable

VERSION = "1"


@dataclass(frozen=True, slots=True)
class PipPackage:
    """A package that pip installs. `name` is normalised, as PyPI compares names."""

    name: str
    version: str
    hashed: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock installs on each platform.

    `multi` says whether the format can hold more than one platform. `carries_pip` says whether it can hold what pip
    installs.
    """

    path: str
    packages: dict[str, tuple[Package, ...]]
    pip: dict[str, tuple[PipPackage, ...]]
    multi: bool
    carries_pip: bool

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms, sorted."""
        return tuple(sorted(self.packages))

    def package(self, platform: str, name: str) -> Package | None:
        """The package of this name on a platform, or None."""
        return next((package for package in self.packages[platform] if package.name == name), None)


def parse_lock(data: bytes, path: str) -> Lock:
    """The lock in `data`. Raises Failure where it is none or contradicts itself, Unavailable for a newer version."""
    document = parse_yaml_text(data, path)
    if not isinstance(document, dict) or not isinstance(document.get("package"), list):
        raise no_lock(path, "no list `package`")
    if document.get("version") != VERSION:
        version = document.get("version")
        if isinstance(version, str) and version.isdecimal() and len(version) < 3:
            raise Unavailable(
                f"{path} has version {version} of conda-lock's format; these checks read version {VERSION}"
            )
        raise no_lock(path, "no `version: 1`")
    entries = document["package"]
    if len(entries) > limits.CONDA_PACKAGES:
        raise no_lock(path, f"more than {limits.CONDA_PACKAGES:,} packages")
    packages: dict[str, list[Package]] = {platform: [] for platform in _platforms(document, path)}
    pip: dict[str, list[PipPackage]] = {platform: [] for platform in packages}
    for entry in entries:
        name, version, platform, manager = _fields(entry, path)
        if platform not in packages:
            raise no_lock(path, f"{name} for {platform}, which is not among `metadata: platforms`")
        if manager == "pip":
            hashes = entry.get("hash")
            hashed = isinstance(hashes, dict) and isinstance(hashes.get("sha256"), str)
            pip[platform].append(PipPackage(canonicalize_name(name), version, hashed))
        else:
            packages[platform].append(_package(entry, name, version, platform, path))
    return Lock(
        path=path,
        packages={platform: once_each(found, path) for platform, found in packages.items()},
        pip={platform: tuple(found) for platform, found in pip.items()},
        multi=True,
        carries_pip=True,
    )


def _platforms(document: dict[str, object], path: str) -> list[str]:
    metadata = document.get("metadata")
    platforms = metadata.get("platforms") if isinstance(metadata, dict) else None
    if not isinstance(platforms, list) or not all(isinstance(platform, str) for platform in platforms):
        raise no_lock(path, "no list `metadata: platforms`")
    return platforms


def _fields(entry: object, path: str) -> tuple[str, str, str, str]:
    values = [entry.get(key) for key in ("name", "version", "platform", "manager")] if isinstance(entry, dict) else []
    texts = [value for value in values if isinstance(value, str) and len(value) <= limits.CONDA_TEXT]
    if len(texts) != 4 or texts[3] not in ("conda", "pip"):
        raise no_lock(path, "a package without name, version, platform and manager")
    name, version, platform, manager = texts
    return name, version, platform, manager


def _package(entry: dict[str, object], name: str, version: str, platform: str, path: str) -> Package:
    """The conda package of an entry, whose fields and address must say the same."""
    url, hashes = entry.get("url"), entry.get("hash")
    digests = hashes if isinstance(hashes, dict) else {}
    package = package_of(url if isinstance(url, str) else "", digests.get("md5"), digests.get("sha256"))
    if package is None:
        raise no_lock(path, f"{name} without the address of a conda package")
    said = (package.name, package.version, package.subdir)
    if said not in ((name.lower(), version, platform), (name.lower(), version, NOARCH)):
        raise no_lock(path, f"{name} {version} for {platform}, whose address says {' '.join(said)}")
    return package


def once_each(packages: Iterable[Package], path: str) -> tuple[Package, ...]:
    """The packages of one platform. The same one may be named in several categories; two of one name may not."""
    found: dict[str, Package] = {}
    for package in packages:
        if found.setdefault(package.name, package).url != package.url:
            raise no_lock(path, f"{package.name} twice: {found[package.name].version} and {package.version}")
    return tuple(found.values())


def no_lock(path: str, found: str) -> Failure:
    """What a step says of a file that is no lock as the tools write it."""
    return Failure(
        looked_at=path,
        expected="a lock as conda-lock or `conda list --explicit` writes it, not changed by hand",
        found=found,
        fix=f"(make {path} again, with the command that made it)",
    )
