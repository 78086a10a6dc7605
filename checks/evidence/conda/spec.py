"""A conda spec, such as `numpy=2.3.5`: which packages it accepts, and whether it accepts one version alone.

Parsed by py-rattler. It is lenient, because its strict mode refuses what conda accepts (`python=3.11.*`), and what
its lenient mode accepts beyond conda (`-x`) is refused here. What the forms mean:
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.conda.package import Package, channel_name
from checks.expect import Malformed

if TYPE_CHECKING:
    from rattler import MatchSpec

_NAME = re.compile(r"(?:(?P<channel>[^\s:\[]+)::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)(?=[\s=<>!~\[]|\Z)")
_PRINTABLE = re.compile(r"[\x20-\x7e]+\Z")
_SUBDIR = re.compile(r"/(?:[a-z]+-[a-z0-9_]+|noarch)\Z")
_ONE = re.compile(r"==(?P<version>[A-Za-z0-9_.+!-]+)\Z")
_BELOW = re.compile(r"(?P<version>[A-Za-z0-9_.+!-]+)\.\*\Z")
_FULL_PARTS = 3


class Pin(Enum):
    """How much a spec leaves open."""

    EXACT = "one version: `==1.2`, `=1.2.3`, `=1.2.3=build`"
    SHORT = "a version of fewer than three parts behind one `=`"
    """`=1.2` accepts 1.2.9 too: only the package's versions tell whether 1.2 is a whole one."""
    LOOSE = "a range of versions, or any version"


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec. `version` is the version that it names, None where it names none or a range."""

    text: str
    name: str
    version: str | None
    pin: Pin
    channel: str | None
    _match: MatchSpec

    def accepts(self, package: Package) -> bool:
        """Whether this package would do."""
        from rattler import BuildString, PackageRecord

        if self.channel is not None and self.channel != package.channel:
            return False
        try:
            record = PackageRecord(package.name, package.version, BuildString(package.build), 0, package.subdir)
            return bool(self._match.matches(record))
        except Exception:  # noqa: BLE001 - rattler has an exception class for each thing that is no version
            return False


def parse_spec(text: str, where: str) -> Spec:
    """The spec that `text` is. Raises Malformed, with `where` and the text, where it is none."""
    fault = f"`{text[:80]}`, which is no dependency as conda reads it: name=1.2.3"
    head = _NAME.match(text)
    if len(text) > limits.CONDA_TEXT or not _PRINTABLE.match(text) or head is None:
        raise Malformed(where, fault)
    from rattler import MatchSpec

    rest = text.removeprefix(f"{head['channel']}::") if head["channel"] else text
    try:
        match = MatchSpec(rest)
    except Exception:  # noqa: BLE001 - as above
        raise Malformed(where, fault) from None
    version, pin = _pin(match.version)
    channel = channel_name(_SUBDIR.sub("", head["channel"])) if head["channel"] else None
    return Spec(text, head["name"].lower(), version, pin, channel, match)


def _pin(version: str | None) -> tuple[str | None, Pin]:
    """The version that a spec names, and how much it leaves open, by rattler's form of it: `==1.2`, `1.2.*`, `>=1,<2`."""
    one, below = _ONE.match(version or ""), _BELOW.match(version or "")
    if one:
        return one["version"], Pin.EXACT
    if below:
        full = len(below["version"].split(".")) >= _FULL_PARTS
        return below["version"], Pin.EXACT if full else Pin.SHORT
    return None, Pin.LOOSE
