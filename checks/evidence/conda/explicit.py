"""An `@EXPLICIT` list: the address of every package of one platform, each with its hash.

Format: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#building-identical-conda-environments.
`conda list --explicit --md5` writes `#` and an MD5 behind each address, `--sha256` and a SHA-256 in newer editions;
conda-lock and pixi may write `#sha256:` and the digits.
"""

from __future__ import annotations

from checks import limits
from checks.evidence.conda.lock import Lock, no_lock, once_each
from checks.evidence.conda.package import NOARCH, Package, package_of

MARKER = b"@EXPLICIT"
_SHA256 = "sha256:"
_MD5_LENGTH = 32


def is_explicit(data: bytes) -> bool:
    """Whether a line of a file marks it as such a list."""
    return any(line.strip() == MARKER for line in data.splitlines())


def parse_explicit(data: bytes, path: str) -> Lock:
    """The list in `data`. Raises Failure where a line is no package, or where it mixes platforms."""
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise no_lock(path, "bytes that are no UTF-8 (in PowerShell, `>` can write UTF-16)") from None
    packages: list[Package] = []
    for line in lines:
        if not line or line.startswith(("#", MARKER.decode())):
            continue
        package = _package(line)
        if package is None:
            raise no_lock(path, f"`{line[:80]}`, which is no address of a conda package")
        packages.append(package)
        if len(packages) > limits.CONDA_PACKAGES:
            raise no_lock(path, f"more than {limits.CONDA_PACKAGES:,} packages")
    platforms = sorted({package.subdir for package in packages} - {NOARCH})
    if len(platforms) != 1:
        raise no_lock(path, f"packages of {', '.join(platforms) or 'no platform'}: a list is for one platform")
    return Lock(path, {platforms[0]: once_each(packages, path)}, {platforms[0]: ()}, multi=False, carries_pip=False)


def _package(line: str) -> Package | None:
    url, _, digest = line.partition("#")
    is_sha256 = digest.startswith(_SHA256) or len(digest) > _MD5_LENGTH
    digest = digest.removeprefix(_SHA256)
    return package_of(url, None if is_sha256 else digest, digest if is_sha256 else None)
