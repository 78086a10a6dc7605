"""One package as a lock or an environment names it.

A package's file is `NAME-VERSION-BUILD.conda` (or `.tar.bz2`) in the folder of its platform, its channel's folder:
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from checks import limits

NOARCH = "noarch"
_PLATFORM = r"(?:(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]{1,12}|noarch)"
_URL = re.compile(
    rf"(?P<channel>.+)/(?P<subdir>{_PLATFORM})/"
    r"(?P<name>[A-Za-z0-9_.][A-Za-z0-9_.-]*)-(?P<version>[^-/]+)-(?P<build>[^-/]+)\.(?:conda|tar\.bz2)\Z"
)
_MD5 = re.compile(r"[0-9a-f]{32}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DEFAULTS_HOST = "repo.anaconda.com"
_DEFAULTS_NAMES = frozenset({"main", "r", "msys2", "free", "pro", "anaconda"})
DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True)
class Package:
    """One package of one platform. A hash is in lower-case hexadecimal digits, or None where none is written."""

    name: str
    version: str
    build: str
    subdir: str
    """The platform, or `noarch`."""
    url: str
    md5: str | None
    sha256: str | None

    @property
    def channel(self) -> str:
        """The channel's name, whichever mirror the file comes from: `conda-forge`, `bioconda`, `defaults`."""
        return channel_name(self.url.rsplit("/", 2)[0])

    @property
    def hashed(self) -> bool:
        """Whether a hash says which bytes are meant."""
        return self.md5 is not None or self.sha256 is not None

    def same_bytes(self, other: Package) -> bool:
        """Whether no hash that both have is another."""
        pairs = ((self.md5, other.md5), (self.sha256, other.sha256))
        return all(one is None or two is None or one == two for one, two in pairs)


def package_of(url: str, md5: object = None, sha256: object = None) -> Package | None:
    """The package that a URL names, or None where it names none. A hash that is malformed counts as none."""
    match = _URL.match(url.partition("#")[0]) if len(url) <= limits.CONDA_TEXT else None
    if match is None:
        return None
    return Package(
        name=match["name"].lower(),
        version=unquote(match["version"]),
        build=match["build"],
        subdir=match["subdir"],
        url=url.partition("#")[0],
        md5=_digest(md5, _MD5),
        sha256=_digest(sha256, _SHA256),
    )


def _digest(value: object, form: re.Pattern[str]) -> str | None:
    text = value.lower() if isinstance(value, str) else ""
    return text if form.match(text) else None


def channel_name(channel: str) -> str:
    """The name that a channel is known by: of an address the last folder; `defaults` for each of Anaconda's own."""
    address = urlsplit(channel)
    name = unquote(address.path).strip("/") or channel
    before, label, _ = name.partition("/label/")
    name = (before if label else name).lower()
    last = name.rsplit("/", 1)[-1]
    if address.netloc.endswith(_DEFAULTS_HOST) or name.startswith("pkgs/") or name in _DEFAULTS_NAMES:
        return DEFAULTS
    return last
