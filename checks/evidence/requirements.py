"""A pip requirements file: what it asks for, and whether each line can mean one thing only.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/; a requirement itself:
https://packaging.python.org/en/latest/specifications/dependency-specifiers/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from checks import limits
from checks.expect import Malformed

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_OPTION = re.compile(r"\s+(?=--?[A-Za-z])")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+(?:\s|\Z)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_HASH = re.compile(r"[#&\s](?:--hash[= ])?(?:sha256[=:][0-9a-f]{64}|sha384[=:][0-9a-f]{96}|sha512[=:][0-9a-f]{128})\b")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?(?=[#\s]|\Z)")
_INCLUDES = ("-r", "--requirement")
_EDITABLE = ("-e", "--editable")
_NESTED = 8


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement for pip. `name` is normalised, as PyPI compares names; empty for an address without one."""

    text: str
    """The line as it stands."""
    where: str
    name: str
    version: str | None
    """The one version that it accepts. None where it accepts several, or where it is an address."""
    exact: bool
    """Whether it means one thing only: one version, or an address whose content can't change."""
    specifiers: SpecifierSet = field(default_factory=SpecifierSet)
    is_address: bool = False

    def accepts(self, version: str) -> bool:
        """Whether this version would do."""
        try:
            return self.specifiers.contains(version, prereleases=True)
        except InvalidVersion:
            return False


def read_requirements(path: str, read: Callable[[str], bytes | None]) -> tuple[Requirement, ...]:
    """The requirements of a file and of those that it includes with `-r`; `-c` files limit, and ask for nothing.

    `read` gives a file's content by its path, None where there is none. Raises Malformed where a line is no
    requirement, or where a file that is included is missing or includes itself.
    """
    found: list[Requirement] = []
    for requirement in _read(path, read, (), path):
        found.append(requirement)
        if len(found) > limits.REQUIREMENTS:
            raise Malformed(path, f"more than {limits.REQUIREMENTS:,} requirements")
    return tuple(found)


def parse_requirement(text: str, where: str) -> Requirement | None:
    """One requirement, with the options behind it; None where it is none, such as an option or a folder."""
    bare = _OPTION.split(text, maxsplit=1)[0]
    if _ADDRESS.match(bare):
        return _address(text, where)
    try:
        parsed = Parsed(bare)
    except (InvalidRequirement, RecursionError):
        return None
    name = canonicalize_name(parsed.name)
    if parsed.url:
        return Requirement(text, where, name, None, _is_fixed(text), is_address=True)
    version = _version(parsed.specifier)
    return Requirement(text, where, name, version, version is not None, parsed.specifier)


def _address(text: str, where: str) -> Requirement:
    egg = _EGG.search(text)
    name = canonicalize_name(egg[1]) if egg else ""
    return Requirement(text, where, name, None, _is_fixed(text), is_address=True)


def _version(specifiers: SpecifierSet) -> str | None:
    """The one version that specifiers accept, or None where they accept several: `==3.*`, `>=2`, none at all."""
    one = next(iter(specifiers)) if len(specifiers) == 1 else None
    return one.version if one and one.operator in ("==", "===") and "*" not in one.version else None


def _is_fixed(address: str) -> bool:
    """Whether an address, with pip's options behind it, holds a hash, or names a commit by its full hash."""
    return _HASH.search(address) is not None or _COMMIT.search(address) is not None


def _read(
    path: str, read: Callable[[str], bytes | None], above: tuple[str, ...], included_by: str
) -> Iterator[Requirement]:
    data = None if path in above or len(above) > _NESTED or path.startswith("..") else read(path)
    if data is None:
        raise Malformed(included_by, f"-r {path}, which is not committed, or includes itself")
    for number, line in enumerate(requirement_lines(data), 1):
        where = f"{path}, requirement {number}"
        option, _, value = line.replace("=", " ", 1).partition(" ")
        if option in _INCLUDES or (option[:2] == "-r" and not value):
            inner = (value or option[2:]).strip().strip("\"'")
            folder = posixpath.dirname(path)
            yield from _read(posixpath.normpath(posixpath.join(folder, inner)), read, (*above, path), path)
        elif option in _EDITABLE:
            yield _address(line, where)
        elif not line.startswith("-"):
            requirement = parse_requirement(line, where)
            if requirement is None:
                shown = line if len(line) <= 200 else f"{line[:200]}... ({len(line):,} characters)"
                raise Malformed(path, f"a line that is no requirement, such as pandas==3.1.1: {shown}")
            yield requirement


def requirement_lines(data: bytes) -> list[str]:
    """The logical lines of a file: continued ones joined, comments and empty ones left out."""
    # As pip does: an older PowerShell writes UTF-16, with a mark at its beginning.
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    joined = re.sub(r"\\\r?\n", " ", text)
    return [bare for line in joined.splitlines() if (bare := _COMMENT.sub("", line).strip())]
