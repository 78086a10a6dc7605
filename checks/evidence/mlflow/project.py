"""An `MLproject` file: what `mlflow run` runs, with which parameters, in which environment.

Format: https://mlflow.org/docs/latest/ml/projects/, as `mlflow/projects/_project_spec.py` reads it.
"""

from __future__ import annotations

import posixpath
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from checks.evidence.documents import parse_yaml
from checks.expect import Failure

FILE = "MLproject"
"""The file's name. MLflow takes it in any mixture of capital and small letters."""

T = TypeVar("T")


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


def parse_project(data: bytes, path: str) -> Project:
    """The project of the `MLproject` file at `path`. Raises Failure where MLflow could not run any of it."""
    document = _mapping(parse_yaml(data, path), path, "the document")
    if "databricks_spark_job" in document:
        raise _malformed(path, "a job for Databricks, which runs nowhere else")
    points = _mapping(document.get("entry_points", {}), path, "`entry_points`")
    return Project(
        path=path,
        name=_optional(document.get("name"), str, path, "`name`"),
        entry_points={
            _text(name, path): _entry_point(_text(name, path), point, path) for name, point in points.items()
        },
        environment=_environment(document, path),
    )


def _entry_point(name: str, point: object, path: str) -> EntryPoint:
    where = f"`{name}`"
    fields = _mapping(point, path, where)
    parameters = _mapping(fields.get("parameters", {}), path, f"`parameters` of {where}")
    return EntryPoint(
        name=name,
        parameters=tuple(_parameter(_text(key, path), value, path) for key, value in parameters.items()),
        command=_optional(fields.get("command"), str, path, f"`command` of {where}"),
    )


def _parameter(name: str, value: object, path: str) -> Parameter:
    if isinstance(value, str):
        return Parameter(name, value, declared=True)
    fields = _mapping(value, path, f"the parameter `{name}`")
    kind = fields.get("type", "string")
    if not isinstance(kind, str):
        raise _malformed(path, f"a parameter `{name}` whose type is no word")
    return Parameter(name, kind, declared="type" in fields, default=fields.get("default"))


def _environment(document: dict[Any, Any], path: str) -> Environment | None:
    named = [kind for kind in EnvironmentKind if kind.value in document]
    if len(named) > 1:
        raise _malformed(path, f"more than one environment: {', '.join(named)}")
    if not named or not document[named[0].value]:
        return None
    kind, value = named[0], document[named[0].value]
    if kind is EnvironmentKind.DOCKER:
        image = _mapping(value, path, "`docker_env`").get("image")
        if not isinstance(image, str) or not image:
            raise _malformed(path, "a `docker_env` without an `image`")
        return Environment(kind, image=image)
    return Environment(kind, file=posixpath.normpath(_text(value, path)))


def _mapping(value: object, path: str, what: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _malformed(path, f"{what} that is {'empty' if value is None else 'no mapping of names to values'}")
    return value


def _optional(value: object, kind: type[T], path: str, what: str) -> T | None:
    if value is not None and not isinstance(value, kind):
        raise _malformed(path, f"{what} that is no text")
    return value


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _malformed(path, "a name that is no text: write it in quotes")
    return value


def _malformed(path: str, found: str) -> Failure:
    return Failure(
        looked_at=path,
        expected="an MLproject file as `mlflow run` reads it: name, entry_points, an environment",
        found=found,
        fix=f"(mend {path}: the README shows a whole one)",
    )
