"""The name of an image: registry, repository, tag, digest.

Grammar: https://github.com/distribution/reference/blob/main/reference.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z"
)
_SEMANTIC = re.compile(
    r"v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(_[0-9A-Za-z.-]+)?\Z"
)
_LONGEST = 1_000
DOCKER_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """One name. `registry` is Docker Hub's where the name has none: the engine leaves that one out."""

    registry: str
    path: str
    """Namespace and repository."""
    tag: str | None
    digest: str | None

    @property
    def repository(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_pushable(self) -> bool:
        """Whether it says where the image belongs: a registry, or on Docker Hub the account."""
        return self.registry != DOCKER_HUB or "/" in self.path.removeprefix("library/")

    @property
    def is_semantic(self) -> bool:
        """Whether the tag is a version MAJOR.MINOR.PATCH (https://semver.org); `v` may stand before it."""
        return self.tag is not None and _SEMANTIC.match(self.tag) is not None


def parse_reference(text: str) -> Reference | None:
    """The parts of an image's name, or None where it is no name."""
    found = _REFERENCE.match(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    first, slash, rest = found["name"].partition("/")
    is_registry = slash and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, rest) if is_registry else (DOCKER_HUB, found["name"])
    return Reference(registry, path, found["tag"], found["digest"])
