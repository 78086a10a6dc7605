"""Whether a requirement means one version only: the one answer for pip and conda, whichever file the requirement is in.

What the forms mean: https://packaging.python.org/en/latest/specifications/dependency-specifiers/ and
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_HASH = re.compile(r"[#&\s](?:--hash[= ])?(?:sha256[=:][0-9a-f]{64}|sha384[=:][0-9a-f]{96}|sha512[=:][0-9a-f]{128})\b")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?(?=[#\s]|\Z)")
_ONE = re.compile(r"==(?P<version>[A-Za-z0-9_.+!-]+)\Z")
_BELOW = re.compile(r"(?P<version>[A-Za-z0-9_.+!-]+)\.\*\Z")
_FULL_PARTS = 3


class Pin(Enum):
    """How much a requirement leaves open."""

    EXACT = "one version"
    """pip: `==1.2`, an address with a hash or a full commit. conda: `==1.2`, `=1.2.3`, `=1.2.3=build`."""
    SHORT = "a version of fewer than three parts behind one `=`"
    """conda's `=1.2` accepts 1.2.9 too: only the package's versions tell whether 1.2 is a whole one."""
    LOOSE = "a range of versions, any version, or an address whose content may change"


def pip_version(specifiers: SpecifierSet) -> str | None:
    """The one version that pip's specifiers accept, or None where they accept several: `==3.*`, `>=2`, none at all."""
    one = next(iter(specifiers)) if len(specifiers) == 1 else None
    return one.version if one and one.operator in ("==", "===") and "*" not in one.version else None


def is_fixed_address(text: str) -> bool:
    """Whether an address, with pip's options behind it, holds a hash, or names a commit by its full hash."""
    return _HASH.search(text) is not None or _COMMIT.search(text) is not None


def conda_pin(version: str | None) -> tuple[str | None, Pin]:
    """The version that a conda spec names, and how much it leaves open.

    `version` is rattler's form of it (`MatchSpec.version`): `==1.2`, `1.2.*`, `>=1,<2`, or None.
    """
    one, below = _ONE.match(version or ""), _BELOW.match(version or "")
    if one:
        return one["version"], Pin.EXACT
    if below:
        full = len(below["version"].split(".")) >= _FULL_PARTS
        return below["version"], Pin.EXACT if full else Pin.SHORT
    return None, Pin.LOOSE
