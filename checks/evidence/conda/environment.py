"""An environment file, `environment.yml`.

Format: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually;
what conda reads of it: https://github.com/conda/conda/blob/main/conda/env/env.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks import limits
from checks.evidence.conda.requirement import Requirement, parse_requirement
from checks.evidence.conda.spec import Spec, parse_spec
from checks.evidence.documents import parse_yaml_text
from checks.expect import Failure

_KEYS = frozenset({"name", "channels", "dependencies", "prefix", "variables", "platforms", "category"})
"""What conda and conda-lock read."""


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
    unknown: tuple[str, ...]
    """Keys that conda passes over."""

    def spec(self, name: str) -> Spec | None:
        """The spec of a package, or None."""
        return next((spec for spec in self.specs if spec.name == name), None)


def parse_environment(data: bytes, where: str) -> Environment:
    """The environment file in `data`. Raises Failure where it is none, where a spec or a requirement is none."""
    document = parse_yaml_text(data, where)
    if not isinstance(document, dict):
        raise _no_environment(where, "no mapping with `name`, `channels` and `dependencies`")
    channels, dependencies = document.get("channels") or [], document.get("dependencies")
    if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
        raise _no_environment(where, "`channels` that is no list of names")
    if not isinstance(dependencies, list):
        raise _no_environment(where, "no list `dependencies`")
    if len(dependencies) > limits.CONDA_SPECS or len(channels) > limits.CONDA_SPECS:
        raise _no_environment(where, f"more than {limits.CONDA_SPECS:,} lines")
    specs: list[Spec] = []
    sections: list[tuple[int, tuple[Requirement, ...]]] = []
    for index, entry in enumerate(dependencies):
        if isinstance(entry, str):
            specs.append(parse_spec(entry, where))
        else:
            sections.append((index, _pip_section(entry, where)))
    if len(sections) > 1:
        raise _no_environment(where, "two pip sections: conda installs the last one alone")
    return Environment(
        name=_text(document, "name"),
        channels=tuple(channels),
        specs=tuple(specs),
        pip=sections[0][1] if sections else None,
        pip_last=not sections or sections[0][0] == len(dependencies) - 1,
        prefix=_text(document, "prefix"),
        unknown=tuple(sorted(str(key)[:60] for key in document if key not in _KEYS)),
    )


def _pip_section(entry: object, where: str) -> tuple[Requirement, ...]:
    lines = entry.get("pip") if isinstance(entry, dict) and len(entry) == 1 else None
    if not isinstance(lines, list):
        shown = ", ".join(str(key)[:60] for key in list(entry)[:3]) if isinstance(entry, dict) else "a list"
        raise _no_environment(where, f"an entry of `dependencies` that is neither a package nor `pip:`: {shown}")
    if len(lines) > limits.CONDA_SPECS:
        raise _no_environment(where, f"more than {limits.CONDA_SPECS:,} requirements for pip")
    return tuple(parse_requirement(line, where) for line in lines)


def _text(document: dict[object, object], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) else None


def _no_environment(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where,
        expected="an environment file as conda reads it",
        found=found,
        fix=f"(mend {where}: name, channels, and a list of dependencies)",
    )
