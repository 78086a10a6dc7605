"""An environment on the disk: `conda-meta` holds one record for each package that conda installed there.

Format: https://github.com/conda/conda/blob/main/conda/models/records.py (PrefixRecord); rattler and mamba write it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from packaging.utils import canonicalize_name

from checks import limits
from checks.evidence.conda.package import Package, package_of
from checks.evidence.files import Files, Kind
from checks.expect import Failure

RECORDS = "conda-meta"
_DIST = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[^-]+)\.dist-info\Z")
_DIST_OF = re.compile(r"(?:.*/)?(?P<dist>[^/]+\.dist-info)/[^/]+\Z")
_FIELDS = ("name", "version", "build", "subdir")


class _Record(msgspec.Struct):
    """What is read of a record. A large one lists ten thousand files, so that all else is not even decoded."""

    name: object = None
    version: object = None
    build: object = None
    subdir: object = None
    url: object = None
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
        return next((package.subdir for package in self.packages if package.subdir != "noarch"), None)


def find_prefixes(files: Files, below: str) -> list[str]:
    """The folders in a folder that are environments, sorted."""
    folders = [entry.name for entry in files.entries(below) if entry.kind is Kind.FOLDER]
    paths = [f"{below}/{name}" if below else name for name in folders]
    return [path for path in paths if files.is_folder(f"{path}/{RECORDS}")]


def read_prefix(files: Files, path: str) -> Prefix:
    """The environment at `path`. Raises Failure where a record is malformed or contradicts itself."""
    inner = f"{path}/{RECORDS}" if path else RECORDS
    names = [entry.name for entry in files.entries(inner) if entry.name.endswith(".json")]
    if len(names) > limits.CONDA_RECORDS:
        raise _no_record(inner, f"more than {limits.CONDA_RECORDS:,} records")
    packages: list[Package] = []
    dists: set[str] = set()
    for name in names:
        where = f"{inner}/{name}"
        record = _parsed(files.read(where, limits.CONDA_RECORD_BYTES), where)
        package = _package(record, where)
        if name != f"{package.name}-{package.version}-{package.build}.json":
            raise _no_record(where, f"the record of {package.name} {package.version} {package.build}")
        packages.append(package)
        dists |= _dists(record.files)
    return Prefix(path, tuple(packages), _installed_by_pip(files, path, dists))


def _parsed(data: bytes, where: str) -> _Record:
    try:
        return msgspec.json.decode(data, type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _no_record(where, f"no JSON object: {error}") from None


def _package(record: _Record, where: str) -> Package:
    texts = [getattr(record, key) for key in _FIELDS]
    if not all(isinstance(text, str) and len(text) <= limits.CONDA_TEXT for text in (*texts, record.url)):
        raise _no_record(where, f"no {', '.join(_FIELDS)} and url")
    package = package_of(str(record.url), record.md5, record.sha256)
    if package is None:
        raise _no_record(where, f"the address {str(record.url)[:80]}, which is no conda package's")
    said = (package.name, package.version, package.build, package.subdir)
    if said != tuple(texts):
        raise _no_record(where, f"{' '.join(map(str, texts))}, whose address says {' '.join(said)}")
    return package


def _dists(listed: object) -> set[str]:
    """The names of the Python distributions (`numpy-2.3.5.dist-info`) among a package's files."""
    found: set[str] = set()
    for path in listed if isinstance(listed, list) else ():
        if not isinstance(path, str) or ".dist-info/" not in path or len(path) > limits.CONDA_TEXT:
            continue
        match = _DIST_OF.match(path)
        if match:
            found.add(match["dist"])
    return found


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


def _no_record(where: str, found: str) -> Failure:
    environment = where.partition(f"/{RECORDS}")[0]
    return Failure(
        looked_at=where,
        expected="the record that conda writes when it installs a package",
        found=found,
        fix=f"(delete {environment}, and create the environment again from its lock)",
    )
