"""The head of a Git bundle: which references it holds, and what must be there already.

Format, versions 2 and 3: https://git-scm.com/docs/gitformat-bundle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from checks import limits
from checks.evidence.bundle.errors import BundleError, IncompleteBundleError, LargeBundleError

_SIGNATURES = {b"# v2 git bundle\n": 2, b"# v3 git bundle\n": 3}
_LINE = re.compile(rb"(?P<id>[0-9a-f]{40}) (?P<name>HEAD|refs/[^\0\r\n]+)\n\Z")
_ID = re.compile(rb"-[0-9a-f]{40}\b")
_SHA_1 = b"@object-format=sha1\n"


@dataclass(frozen=True, slots=True)
class Header:
    """Each reference's full name and the id of the object that it names. HEAD may be among them."""

    references: Mapping[str, str]

    @property
    def head(self) -> str:
        """What Git writes into `HEAD` of a clone of the bundle: a branch where one is at that commit, or else the commit.

        Where branches share the commit, a learner's goes before the others. A bundle may name no HEAD: then it is a
        branch of it.
        """
        branches = [name for name in sorted(self.references) if name.startswith("refs/heads/")]
        commit = self.references.get("HEAD")
        there = [name for name in branches if commit in (None, self.references[name])]
        if there:
            return f"ref: {min(there, key=lambda name: not name.startswith('refs/heads/solution/'))}"
        return commit or "ref: refs/heads/main"

    @property
    def packed(self) -> str:
        """The references as Git's file `packed-refs` has them."""
        return "".join(f"{target} {name}\n" for name, target in sorted(self.references.items()) if name != "HEAD")


def read_header(file: BinaryIO) -> Header:
    """The head of a bundle; `file` is at its pack afterwards. Raises BundleError."""
    version = _SIGNATURES.get(file.readline(max(map(len, _SIGNATURES))))
    if version is None:
        raise BundleError("it does not begin as a Git bundle does")
    left = limits.BUNDLE_HEADER_BYTES
    references: dict[str, str] = {}
    while (line := file.readline(limits.BUNDLE_LINE_BYTES)) != b"\n":
        left -= len(line)
        if left < 0 or len(references) > limits.TAGS:
            raise LargeBundleError(f"its head has more than {limits.TAGS:,} references, or no end")
        if line.startswith(b"@") and version == 3:
            _need_known(line)
        elif _ID.match(line):
            raise IncompleteBundleError(
                f"it builds on commit {line[1:41].decode('ascii')}, which is not in it: "
                "make it anew with `git bundle create FILE BRANCH --tags`, without a range"
            )
        else:
            name, target = _reference(line)
            if references.setdefault(name, target) != target:
                raise BundleError(f"it says twice where {name[:120]!r} is")
    if not references:
        raise BundleError("it holds no branch and no tag")
    return Header(references)


def _reference(line: bytes) -> tuple[str, str]:
    match = _LINE.match(line)
    if match is None:
        raise BundleError(f"its head holds {line[:120]!r}, which names no reference")
    return match["name"].decode("utf-8", "replace"), match["id"].decode("ascii")


def _need_known(line: bytes) -> None:
    if line != _SHA_1:
        raise BundleError(f"it was made in a way that is not read here: {line[:120]!r}")
