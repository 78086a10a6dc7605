"""An `MLproject` file: what `mlflow run` runs, with which parameters, in which environment.

Format: https://mlflow.org/docs/latest/ml/projects/, as `mlflow/projects/_project_spec.py` reads it.
"""

from __future__ import annotations

import posixpath
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from checks.evidence.documents import convert, parse_yaml
from checks.expect import Malformed

FILE = "MLproject"
"""The file's name. MLflow takes it in any mixture of capital and small letters."""


class EnvironmentKind(StrEnum):
    """The key of `MLproject` that names an environment."""

    PYTHON = "python_env"
    CONDA = "conda_env"
    DOCKER = "docker_env"


_UNNAMED = ((EnvironmentKind.PYTHON, "python_env.yaml"), (EnvironmentKind.CONDA, "conda.yaml"))
"""The files that MLflow looks for where no environment is named, in its order."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a project runs. `file` is relative to the project's folder; of Docker there is only the image's name."""

    kind: EnvironmentKind
    file: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an entry point. `declared` says that a type was written; MLflow takes `string` where none was."""

    name: str
    type: str
    declared: bool
    default: Any = None


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A command with `{placeholders}` for its parameters."""

    name: str
    parameters: tuple[Parameter, ...]
    command: str | None

    @property
    def placeholders(self) -> frozenset[str] | None:
        """The names between the braces of the command, or None where the braces are not in pairs."""
        try:
            return frozenset(name for _, name, _, _ in string.Formatter().parse(self.command or "") if name is not None)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Project:
    """One `MLproject` file at `path`. `environment` is the one that it names."""

    path: str
    name: str | None
    entry_points: dict[str, EntryPoint]
    environment: Environment | None

    def environment_of(self, is_file: Callable[[str], bool]) -> Environment | None:
        """The environment that `mlflow run` takes: the named one, or the file beside `MLproject` that MLflow knows.

        `is_file` answers for a path relative to the project's folder.
        """
        if self.environment is not None:
            return self.environment
        return next((Environment(kind, file) for kind, file in _UNNAMED if is_file(file)), None)


def is_project_file(name: str) -> bool:
    """Whether MLflow takes a file of this name for the project's file."""
    return name.lower() == FILE.lower()


class _Parameter(msgspec.Struct):
    type: str | msgspec.UnsetType = msgspec.UNSET
    default: Any = None


class _EntryPoint(msgspec.Struct):
    parameters: dict[str, str | _Parameter] = {}
    command: str | None = None


class _Image(msgspec.Struct):
    image: Annotated[str, msgspec.Meta(min_length=1)]


class _Document(msgspec.Struct):
    name: str | None = None
    entry_points: dict[str, _EntryPoint] = {}
    python_env: str | msgspec.UnsetType | None = msgspec.UNSET
    conda_env: str | msgspec.UnsetType | None = msgspec.UNSET
    docker_env: _Image | msgspec.UnsetType | None = msgspec.UNSET
    databricks_spark_job: object = msgspec.UNSET


def parse_project(data: bytes, path: str) -> Project:
    """The project of the `MLproject` file at `path`. Raises Malformed where MLflow could not run any of it."""
    document = convert(parse_yaml(data, path), _Document, path)
    if document.databricks_spark_job is not msgspec.UNSET:
        raise Malformed(path, "a job for Databricks, which runs nowhere else")
    points = {
        name: EntryPoint(name, tuple(_parameter(*named) for named in point.parameters.items()), point.command)
        for name, point in document.entry_points.items()
    }
    return Project(path, document.name, points, _environment(document, path))


def _parameter(name: str, value: str | _Parameter) -> Parameter:
    if isinstance(value, str):
        return Parameter(name, value, declared=True)
    declared = isinstance(value.type, str)
    return Parameter(name, value.type if isinstance(value.type, str) else "string", declared, value.default)


def _environment(document: _Document, path: str) -> Environment | None:
    named = [kind for kind in EnvironmentKind if getattr(document, kind.value) is not msgspec.UNSET]
    if len(named) > 1:
        raise Malformed(path, f"more than one environment: {', '.join(named)}")
    value = getattr(document, named[0].value) if named else None
    if not value:
        return None
    if isinstance(value, _Image):
        return Environment(named[0], image=value.image)
    return Environment(named[0], file=posixpath.normpath(value))
