"""The environment files of an MLflow project: `python_env.yaml`, `conda.yaml`, and requirements that they include.

Formats: https://mlflow.org/docs/latest/ml/projects/#environment-management, as `mlflow/utils/environment.py` reads
them; https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec

from checks import limits
from checks.evidence.documents import convert, parse_yaml
from checks.evidence.requirements import parse_requirement, requirement_lines

_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]?\s*(?P<file>\S+)\Z")
_HASHES = re.compile(r"\s--hash=\S+")
_AT_MOST = msgspec.Meta(max_length=limits.PROJECT_PACKAGES)
_Lines = Annotated[list[str], _AT_MOST]


class _PythonEnv(msgspec.Struct):
    python: str | None = None
    build_dependencies: _Lines | None = None
    dependencies: _Lines | None = None


class _Pip(msgspec.Struct):
    pip: _Lines | None = None


class _CondaEnv(msgspec.Struct):
    dependencies: Annotated[list[str | _Pip], _AT_MOST]


@dataclass(frozen=True, slots=True)
class ProjectEnvironment:
    """What an environment file asks for.

    `python` is its Python version, or None where it names none. `loose` are the packages, as they were written, that
    have no exact version. `includes` are the requirements files that the file names, as they were written.
    """

    python: str | None
    packages: tuple[str, ...]
    loose: tuple[str, ...]
    includes: tuple[str, ...] = ()


def parse_python_env(data: bytes, path: str) -> ProjectEnvironment:
    """The environment of a `python_env.yaml`. Raises Malformed where it is none."""
    document = convert(parse_yaml(data, path), _PythonEnv, path)
    # Tools for building are not what the result depends on; MLflow writes them pinned, people leave them out.
    return _environment(document.python, document.dependencies or [], path)


def parse_conda_env(data: bytes, path: str) -> ProjectEnvironment:
    """The environment of a Conda file. Raises Malformed where it is none."""
    document = convert(parse_yaml(data, path), _CondaEnv, path)
    specs = [entry.strip() for entry in document.dependencies if isinstance(entry, str)]
    pip = [line for entry in document.dependencies if isinstance(entry, _Pip) for line in entry.pip or ()]
    python = next((spec for spec in specs if re.match(r"python\b(?!-)", spec)), None)
    packages = [spec for spec in specs if spec not in (python, "pip")]
    inner = _environment(None, pip, path)
    return ProjectEnvironment(
        python=python if python and _conda_pinned(python, path) else None,
        packages=(*packages, *inner.packages),
        loose=(*(spec for spec in packages if not _conda_pinned(spec, path)), *inner.loose),
        includes=inner.includes,
    )


def parse_requirements(data: bytes, path: str) -> ProjectEnvironment:
    """The packages of a requirements file, which names no Python. Raises Malformed where there are too many."""
    return _environment(None, convert(requirement_lines(data), _Lines, path), path)


def _environment(python: str | None, lines: list[str], path: str) -> ProjectEnvironment:
    lines = [line.strip() for line in lines]
    included = [match["file"] for line in lines if (match := _INCLUDE.match(line))]
    packages = {
        _HASHES.sub("", line).strip(): parse_requirement(line, path) for line in lines if not line.startswith("-")
    }
    loose = [line for line, requirement in packages.items() if requirement is None or not requirement.exact]
    return ProjectEnvironment(python, tuple(packages), tuple(loose), tuple(included))


def _conda_pinned(spec: str, path: str) -> bool:
    from checks.evidence.conda.spec import Pin, parse_spec  # its library is needed for few projects

    return parse_spec(spec, path).pin is not Pin.LOOSE
