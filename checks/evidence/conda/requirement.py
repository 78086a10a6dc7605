"""A line of an environment file's pip section. Format: https://packaging.python.org/en/latest/specifications/dependency-specifiers/."""

from __future__ import annotations

from dataclasses import dataclass

from packaging import requirements, utils, version
from packaging.specifiers import SpecifierSet

from checks import limits
from checks.expect import Failure


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement for pip. `name` is normalised, as PyPI compares names."""

    text: str
    name: str
    specifiers: SpecifierSet

    @property
    def exact(self) -> bool:
        """Whether it accepts one version alone."""
        operators = [(one.operator, one.version) for one in self.specifiers]
        return len(operators) == 1 and operators[0][0] in ("==", "===") and not operators[0][1].endswith("*")

    def accepts(self, found: str) -> bool:
        """Whether this version would do."""
        try:
            return self.specifiers.contains(found, prereleases=True)
        except version.InvalidVersion:
            return False


def parse_requirement(line: object, where: str) -> Requirement:
    """The requirement on a line. Raises Failure for pip's options (`-e`, `-r`, `--index-url`), paths and addresses."""
    if not isinstance(line, str) or len(line) > limits.CONDA_TEXT:
        raise _no_requirement("an entry that is no text", where)
    text = line.partition(" #")[0].strip()
    try:
        requirement = requirements.Requirement(text)
    except (requirements.InvalidRequirement, RecursionError):
        raise _no_requirement(f"`{text[:80]}`", where) from None
    if requirement.url is not None:
        raise _no_requirement(f"`{text[:80]}`, an address", where)
    return Requirement(text, utils.canonicalize_name(requirement.name), requirement.specifier)


def _no_requirement(found: str, where: str) -> Failure:
    return Failure(
        looked_at=f"{where}: the pip section",
        expected="lines such as tabulate==0.9.0: what a package index has, and no options, folders or addresses",
        found=found,
        fix=f"(write that line of {where} as name==1.2.3)",
    )
