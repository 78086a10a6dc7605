"""An environment on the disk: `conda-meta` holds one record for each package that conda installed there.

Format: https://github.com/conda/conda/blob/main/conda/models/records.py (PrefixRecord); rattler and mamba write it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec
from packaging.utils import canonicalize_name

from checks import limits
from checks.evidence.conda.package import NOARCH, Package, package_of
from checks.evidence.files import Files, Kind
from checks.expect import Malformed

RECORDS = "conda-meta"
_DIST = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[^-]+)\.dist-info\Z")
_DIST_OF = re.compile(r"(?:.{0,1000}/)?(?P<dist>[^/]{1,200}\.dist-info)/[^/]+\Z")
_Text = Annotated[str, msgspec.Meta(max_length=limits.CONDA_TEXT)]


class _Record(msgspec.Struct):
    """The keys of a record that are read. A large one lists ten thousand files, and more that is not even decoded."""

    name: _Text
    version: _Text
    build: _Text
    subdir: _Text
    url: _Text
    md5: object = None
    sha256: object = None
    files: object = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """One environment. `pip` are name and version of what pip installed there, None where this was not brought along."""

    path: str
    packages: tuple[Package, ...]
    pip: dict[str, str] | None

    def package(self, name: str) -> Package | None:
        """The package of this name, or None."""
        return next((package for package in self.packages if package.name == name), None)

    @property
    def platform(self) -> str | None:
        """The platform of its packages, or None where all are for any."""
        return next((package.subdir for package in self.packages if package.subdir != NOARCH), None)


def find_prefixes(files: Files, below: str) -> list[str]:
    """The folders in a folder that are environments, sorted."""
    folders = [entry.name for entry in files.entries(below) if entry.kind is Kind.FOLDER]
    paths = [f"{below}/{name}" if below else name for name in folders]
    return [path for path in paths if files.is_folder(f"{path}/{RECORDS}")]


def read_prefix(files: Files, path: str) -> Prefix:
    """The environment at `path`. Raises Malformed where a record is malformed or contradicts itself."""
    inner = f"{path}/{RECORDS}" if path else RECORDS
    names = [entry.name for entry in files.entries(inner) if entry.name.endswith(".json")]
    if len(names) > limits.CONDA_RECORDS:
        raise Malformed(inner, f"more than {limits.CONDA_RECORDS:,} records")
    packages: list[Package] = []
    dists: set[str] = set()
    for name in names:
        where = f"{inner}/{name}"
        package, record = _package(files.read(where, limits.CONDA_RECORD_BYTES), where)
        if name != f"{package.name}-{package.version}-{package.build}.json":
            raise Malformed(where, f"the record of {package.name} {package.version} {package.build}")
        packages.append(package)
        dists |= _dists(record.files)
    return Prefix(path, tuple(packages), _installed_by_pip(files, path, dists))


def _package(data: bytes, where: str) -> tuple[Package, _Record]:
    """The package of a record, whose fields and address must say the same."""
    try:
        record = msgspec.json.decode(data, type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(where, f"no record of a package: {error}") from None
    package = package_of(record.url, record.md5, record.sha256)
    if package is None:
        raise Malformed(where, f"the address {record.url[:80]}, which is no conda package's")
    said = (package.name, package.version, package.build, package.subdir)
    told = (record.name, record.version, record.build, record.subdir)
    if said != told:
        raise Malformed(where, f"{' '.join(told)}, whose address says {' '.join(said)}")
    return package, record


def _dists(listed: object) -> set[str]:
    """The names of the Python distributions (`numpy-2.3.5.dist-info`) among a package's files."""
    paths = [path for path in listed if isinstance(path, str)] if isinstance(listed, list) else []
    return {match["dist"] for path in paths if ".dist-info/" in path and (match := _DIST_OF.match(path))}


def _installed_by_pip(files: Files, path: str, conda: set[str]) -> dict[str, str] | None:
    """Name and version of the distributions that no conda package brought."""
    base = f"{path}/" if path else ""
    series = [name for name in files.names(f"{base}lib") if re.fullmatch(r"python3\.\d{1,3}", name)]
    places = [f"{base}lib/{name}/site-packages" for name in series] + [f"{base}Lib/site-packages"]
    there = [place for place in places if files.is_folder(place)]
    if not there:
        return None
    found: dict[str, str] = {}
    for name in (name for place in there for name in files.names(place) if name not in conda):
        match = _DIST.match(name)
        if match:
            found[canonicalize_name(match["name"])] = match["version"]
    return found
