"""The environment files of an MLflow project: `python_env.yaml`, `conda.yaml`, and requirements that they include.

Formats: https://mlflow.org/docs/latest/ml/projects/#environment-management, as `mlflow/utils/environment.py` reads
them; https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from checks import limits
from checks.evidence.documents import parse_yaml
from checks.expect import Failure

_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]?\s*(?P<file>\S+)\Z")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HASHES = re.compile(r"\s--hash=\S+")
_CONDA_SPEC = re.compile(r"(?:[^:\s]+::)?[\w.-]+\s*(?P<pin>==?\s*[\w.*+!-]+(?:\s*=\s*\S+)?)?\Z", re.ASCII)


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
    """The environment of a `python_env.yaml`. Raises Failure where it is none."""
    document = _mapping(parse_yaml(data, path), path)
    python = document.get("python")
    if python is not None and not isinstance(python, str):
        raise _malformed(path, f"`python: {str(python)[:20]}`, a number: write the version in quotes")
    # Tools for building are not what the result depends on; MLflow writes them pinned, people leave them out.
    _texts(document.get("build_dependencies"), path)
    return _environment(python, _texts(document.get("dependencies"), path), path)


def parse_conda_env(data: bytes, path: str) -> ProjectEnvironment:
    """The environment of a Conda file. Raises Failure where it is none."""
    document = _mapping(parse_yaml(data, path), path)
    listed = document.get("dependencies")
    if not isinstance(listed, list):
        raise _malformed(path, "no list `dependencies`")
    _bounded(listed, path)
    specs = [spec.strip() for spec in listed if isinstance(spec, str)]
    pip = [line for part in listed if isinstance(part, dict) for line in _texts(part.get("pip"), path)]
    python = next((spec for spec in specs if re.match(r"python\b(?!-)", spec)), None)
    packages = [spec for spec in specs if spec not in (python, "pip")]
    loose = [spec for spec in packages if not _conda_pinned(spec)]
    inner = _environment(None, pip, path)
    return ProjectEnvironment(
        python=python if python and _conda_pinned(python) else None,
        packages=(*packages, *inner.packages),
        loose=(*loose, *inner.loose),
        includes=inner.includes,
    )


def parse_requirements(data: bytes, path: str) -> ProjectEnvironment:
    """The packages of a requirements file, which names no Python. Raises Failure where it is no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _malformed(path, "something that is no text in UTF-8") from None
    lines = (_HASHES.sub("", _COMMENT.sub("", line)).strip() for line in text.replace("\\\n", " ").splitlines())
    return _environment(None, [line for line in lines if line], path)


def _environment(python: str | None, lines: list[str], path: str) -> ProjectEnvironment:
    _bounded(lines, path)
    lines = [line.strip() for line in lines]
    included = [match["file"] for line in lines if (match := _INCLUDE.match(line))]
    packages = [line for line in lines if not line.startswith("-")]
    loose = [line for line in packages if not _pinned(line)]
    return ProjectEnvironment(python, tuple(packages), tuple(loose), tuple(included))


def _pinned(line: str) -> bool:
    """Whether a requirement asks for one version alone, or for one file by its address."""
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    return bool(requirement.url) or any(one.operator in ("==", "===") for one in requirement.specifier)


def _conda_pinned(spec: str) -> bool:
    match = _CONDA_SPEC.match(spec)
    return bool(match and match["pin"])


def _bounded(lines: list[Any], path: str) -> None:
    if len(lines) > limits.PROJECT_PACKAGES:
        raise _malformed(path, f"{len(lines):,} packages, more than the {limits.PROJECT_PACKAGES:,} that are read")


def _texts(value: object, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise _malformed(path, "dependencies that are no list of texts")
    return value


def _mapping(value: object, path: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _malformed(path, "no mapping of names to values")
    return value


def _malformed(path: str, found: str) -> Failure:
    return Failure(
        looked_at=path,
        expected="an environment as `mlflow run` reads it: the Python version and a list `dependencies`",
        found=found,
        fix=f"(mend {path}: the README shows a whole one)",
    )
