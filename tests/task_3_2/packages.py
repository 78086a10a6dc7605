"""Small conda packages and a channel of one's own, honest and hostile."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from checks.evidence.conda.machine import platform
from checks.evidence.conda.package import Package, package_of


def make_package(
    channel: Path,
    name: str,
    files: Mapping[str, bytes],
    *,
    links: Mapping[str, str] | None = None,
    depends: tuple[str, ...] = (),
) -> Package:
    """Put a package into a channel's folder; it as a lock would name it. What `files` are called is not looked at."""
    folder = channel / platform()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-1.0-0.tar.bz2"
    paths = [{"_path": path, "path_type": "hardlink", "sha256": _sha256(data), "size_in_bytes": len(data)}
             for path, data in files.items()]  # fmt: skip
    paths += [{"_path": path, "path_type": "softlink"} for path in links or {}]
    index = {"name": name, "version": "1.0", "build": "0", "build_number": 0, "depends": list(depends),
             "subdir": platform(), "arch": "x86_64", "platform": "linux"}  # fmt: skip
    info = {
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
        "info/files": "\n".join(entry["_path"] for entry in paths).encode(),
    }
    with tarfile.open(file, "w:bz2") as archive:
        for path, target in (links or {}).items():
            link = tarfile.TarInfo(path)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for path, data in {**info, **files}.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755
            archive.addfile(member, io.BytesIO(data))
    found = package_of(file.as_uri(), None, _sha256(file.read_bytes()))
    assert found is not None
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
