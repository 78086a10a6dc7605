"""A pip requirements file: what it asks for, and whether each line can mean one thing only.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/; a requirement itself:
https://packaging.python.org/en/latest/specifications/dependency-specifiers/.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from checks import limits
from checks.expect import Failure

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_OPTION = re.compile(r"\s+(?=--?[A-Za-z])")
_HASH = re.compile(
    r"[#&](?:sha256|sha384|sha512)=[0-9a-f]{64,128}\Z|(?:^|\s)--hash[= ](?:sha256|sha384|sha512):[0-9a-f]{64,128}"
)
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:#|\Z)")
_NESTED = 8


@dataclass(frozen=True, slots=True)
class Pin:
    """One requirement: its line as it stands, the package's normalised name, and the one version that it allows.

    `version` is None where it allows several, or where it is an address; `exact` says that it means one thing only.
    """

    text: str
    where: str
    name: str
    version: str | None
    exact: bool


def pins(path: str, read: Callable[[str], bytes | None]) -> tuple[Pin, ...]:
    """The requirements of a file and of those that it includes with `-r`; `-c` files limit, and ask for nothing.

    Raises Failure where a line is no requirement, or where a file that is included is missing.
    """
    found: list[Pin] = []
    _collect(path, read, found, (), path)
    return tuple(found)


def parse_requirement(text: str, where: str) -> Pin | None:
    """One requirement; None where it is none."""
    parts = _OPTION.split(text, maxsplit=1)
    try:
        requirement = Requirement(parts[0])
    except InvalidRequirement:
        return None
    name = canonicalize_name(requirement.name)
    if requirement.url:
        exact = _HASH.search(requirement.url) is not None or _COMMIT.search(requirement.url) is not None
        return Pin(text, where, name, None, exact or _HASH.search(text) is not None)
    specifiers = list(requirement.specifier)
    one = specifiers[0] if len(specifiers) == 1 else None
    exact = one is not None and one.operator in ("==", "===") and "*" not in one.version
    return Pin(text, where, name, one.version if one and exact else None, exact)


def _collect(path: str, read: Callable[[str], bytes | None], found: list[Pin], above: tuple[str, ...], by: str) -> None:
    data = None if path in above or len(above) > _NESTED or path.startswith("..") else read(path)
    if data is None:
        raise Failure(
            looked_at=by,
            expected="files that are committed, none of them including itself",
            found=f"-r {path}",
            fix=f"(take -r {path} out of {by}, or commit the file)",
        )
    for number, line in enumerate(_lines(_text(data)), 1):
        where = f"{path}, requirement {number}"
        if line.startswith("-"):
            option, _, value = line.replace("=", " ", 1).partition(" ")
            if option in ("-r", "--requirement") or (option[:2] == "-r" and not value):
                inner = (value or option[2:]).strip().strip("\"'")
                _collect(
                    posixpath.normpath(posixpath.join(posixpath.dirname(path), inner)),
                    read,
                    found,
                    (*above, path),
                    path,
                )
            elif option in ("-e", "--editable"):
                found.append(Pin(line, where, value.strip(), None, _COMMIT.search(value.strip()) is not None))
            continue
        pin = parse_requirement(line, where)
        if pin is None:
            raise Failure(
                looked_at=path,
                expected="a requirement in each line, such as pandas==3.1.1",
                found=line if len(line) <= 200 else f"{line[:200]}... ({len(line):,} characters)",
                fix=f"(mend this line of {path})",
            )
        found.append(pin)
        if len(found) > limits.REQUIREMENTS:
            raise Failure(
                looked_at=path,
                expected=f"at most {limits.REQUIREMENTS:,} requirements",
                found="more",
                fix=f"(keep in {path} what train.py needs)",
            )


def _text(data: bytes) -> str:
    """As pip does: an older PowerShell writes UTF-16, with a mark at its beginning."""
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")


def _lines(text: str) -> list[str]:
    """The logical lines: continued ones joined, comments and empty ones left out."""
    joined = re.sub(r"\\\r?\n", " ", text)
    return [bare for line in joined.splitlines() if (bare := _COMMENT.sub("", line).strip())]


def words_of(command: str) -> list[str]:
    """The words of a shell command; of one whose quotes don't end, what stands between blanks."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
