"""An environment file, `environment.yml`.

Format: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually;
what conda reads of it: https://github.com/conda/conda/blob/main/conda/env/env.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from checks import limits
from checks.evidence.conda.spec import Spec, parse_spec
from checks.evidence.documents import convert, parse_yaml_text
from checks.evidence.requirements import Requirement, parse_requirement
from checks.expect import Malformed

_AT_MOST = msgspec.Meta(max_length=limits.CONDA_SPECS)


class _Document(msgspec.Struct):
    dependencies: Annotated[list[str | dict[str, Annotated[list[object], _AT_MOST]]], _AT_MOST]
    channels: Annotated[list[str], _AT_MOST] = msgspec.field(default_factory=list)
    name: str | None = None
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment file. `name`, `prefix` are None where they are not written."""

    name: str | None
    channels: tuple[str, ...]
    specs: tuple[Spec, ...]
    pip: tuple[Requirement, ...] | None
    """The pip section's requirements, None where there is no such section."""
    pip_last: bool
    """Whether nothing comes after the pip section; true where there is none."""
    prefix: str | None

    def spec(self, name: str) -> Spec | None:
        """The spec of a package, or None."""
        return next((spec for spec in self.specs if spec.name == name), None)


def parse_environment(data: bytes, where: str) -> Environment:
    """The environment file in `data`. Raises Malformed where it is none, where a spec or a requirement is none."""
    mapping = parse_yaml_text(data, where)
    if not isinstance(mapping, dict):
        raise Malformed(where, "no mapping with `name`, `channels` and `dependencies`")
    document = convert({key: value for key, value in mapping.items() if value != ""}, _Document, where)
    specs: list[Spec] = []
    sections: list[tuple[int, tuple[Requirement, ...]]] = []
    for index, entry in enumerate(document.dependencies):
        if isinstance(entry, str):
            specs.append(parse_spec(entry, where))
        elif entry.keys() == {"pip"}:
            sections.append(
                (index, tuple(_pip_requirement(line, f"{where}: the pip section") for line in entry["pip"]))
            )
        else:
            shown = ", ".join(key[:60] for key in list(entry)[:3])
            raise Malformed(where, f"an entry of `dependencies` that is neither a package nor `pip:`: {shown}")
    if len(sections) > 1:
        raise Malformed(where, "two pip sections: conda installs the last one alone")
    return Environment(
        name=document.name,
        channels=tuple(document.channels),
        specs=tuple(specs),
        pip=sections[0][1] if sections else None,
        pip_last=not sections or sections[0][0] == len(document.dependencies) - 1,
        prefix=document.prefix,
    )


def _pip_requirement(line: object, where: str) -> Requirement:
    """A line of the pip section: what a package index has, and no option (`-e`, `-r`), folder or address."""
    if not isinstance(line, str) or len(line) > limits.CONDA_TEXT:
        raise Malformed(where, "an entry that is no text")
    text = line.partition(" #")[0].strip()
    requirement = parse_requirement(text, where)
    if requirement is None or requirement.is_address:
        kind = ", an address" if requirement else ""
        raise Malformed(where, f"`{text[:80]}`{kind}, in place of a line such as tabulate==0.9.0")
    return requirement
