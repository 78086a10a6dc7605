"""Assertions over an MLflow project: a typed entry point, its script, and an environment of exact versions, all in Git."""

from __future__ import annotations

import posixpath
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from checks import expect
from checks.evidence.mlflow.project import (
    FILE,
    EntryPoint,
    Environment,
    EnvironmentKind,
    Project,
    is_project_file,
    parse_project,
)
from checks.evidence.mlflow.project_environment import (
    ProjectEnvironment,
    parse_conda_env,
    parse_python_env,
    parse_requirements,
)

if TYPE_CHECKING:
    from checks.core.workspace import Workspace

_INCLUDES = 8
"""Requirements files that one environment may include."""


def committed_project(work: Workspace) -> Project:
    """The committed `MLproject` of the task folder. Raises Failure where there is none, or a malformed one."""
    names = sorted(
        name
        for path in work.snapshot.paths(work.folder)
        if is_project_file(name := posixpath.basename(path)) and posixpath.dirname(path) == work.folder
    )
    if not names:
        there = next((name for name in work.files.names(work.folder) if is_project_file(name)), None)
        expect.fail(
            looked_at=f"{FILE} in the last commit of {work.branch}",
            expected="the project's file",
            found=f"{there} is there, but not committed" if there else "no such file",
            fix=_fix_commit(there) if there else f"(write {FILE}: README, step 5)",
        )
    return parse_project(work.snapshot.read(work.path(names[0])) or b"", names[0])


def typed_entry_point(work: Workspace, project: Project, name: str) -> EntryPoint:
    """The entry point `name`: every parameter has a type, and the command uses them to run a committed script."""
    point = project.entry_points.get(name)
    if point is None:
        names = ", ".join(project.entry_points) or "no entry point"
        _fail(project, "entry_points", f"the entry point {name}", names)
    where = f"the entry point {name}"
    if not point.parameters:
        _fail(project, where, "parameters, each with its type", "no parameters")
    untyped = [parameter.name for parameter in point.parameters if not parameter.declared]
    if untyped:
        types = f"a type for each parameter (float, string, path or uri), such as {untyped[0]}: {{type: float}}"
        _fail(project, where, types, f"no type for {', '.join(untyped)}")
    if not point.command or not point.command.strip():
        _fail(project, where, "a command", "none")
    placeholders = point.placeholders
    if placeholders is None:
        _fail(project, where, "a command with {name} for each parameter", f"braces without a pair: {point.command}")
    unknown = sorted(placeholders - {parameter.name for parameter in point.parameters})
    if unknown:
        _fail(project, where, "a command that names declared parameters only", f"{{{unknown[0]}}}, which is none")
    if not placeholders:
        _fail(project, where, "a command that passes its parameters on", f"none of them in: {point.command}")
    _need_script(work, project, point.command)
    return point


def pinned_environment(work: Workspace, project: Project) -> None:
    """The project names a Python or Conda environment whose committed file has exact versions only."""
    environment = project.environment_of(lambda file: work.snapshot.is_file(work.path(file)))
    if environment is None or environment.file is None:
        _fail(
            project,
            project.path,
            "a Python or Conda environment: python_env or conda_env",
            f"docker_env: {environment.image}" if environment else "no environment",
        )
    content = _environment(work, project, environment)
    if content.python is None:
        _fail(project, environment.file, 'the version of Python, such as python: "3.11"', "none")
    if not content.packages:
        _fail(project, environment.file, "the packages that the script needs", "no dependencies")
    if content.loose:
        shown = ", ".join(content.loose[:5])
        _fail(
            project,
            environment.file,
            "an exact version of each package, such as mlflow==3.17.2",
            f"without one: {shown}",
        )


def _environment(work: Workspace, project: Project, environment: Environment) -> ProjectEnvironment:
    """What the environment's file asks for, with the requirements that it includes."""
    file = environment.file or ""
    conda = environment.kind is EnvironmentKind.CONDA
    content = (parse_conda_env if conda else parse_python_env)(_committed(work, project, file), file)
    # Conda runs pip in the folder of its file, MLflow in the project's folder.
    base = posixpath.dirname(file) if conda else ""
    waiting, seen = [posixpath.join(base, included) for included in content.includes], {file}
    while waiting:
        included = posixpath.normpath(waiting.pop())
        if included in seen:
            continue
        seen.add(included)
        if len(seen) > _INCLUDES:
            _fail(project, file, f"at most {_INCLUDES} files", "more of them include each other")
        more = parse_requirements(_committed(work, project, included), included)
        content = ProjectEnvironment(
            content.python, (*content.packages, *more.packages), (*content.loose, *more.loose), content.includes
        )
        waiting += [posixpath.join(posixpath.dirname(included), inner) for inner in more.includes]
    return content


def _committed(work: Workspace, project: Project, file: str) -> bytes:
    """A committed file of the project."""
    path = posixpath.normpath(work.path(file))
    content = work.snapshot.read(path)
    if content is None:
        there = work.files.is_file(path)
        expect.fail(
            looked_at=f"{file} in the last commit of {work.branch}",
            expected=f"the environment that {project.path} names",
            found="it is there, but not committed" if there else "no such file",
            fix=_fix_commit(file) if there else f"(write {file}: README, step 5)",
        )
    return content


def _need_script(work: Workspace, project: Project, command: str) -> None:
    """A word of the command is a committed file, or the module of one."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    names = {posixpath.normpath(word) for word in words}
    for option, module in pairwise(words):
        if option == "-m":
            inner = module.replace(".", "/")
            names |= {f"{inner}.py", f"{inner}/__main__.py"}
    committed: dict[str, list[str]] = {}
    for path in work.snapshot.paths(work.folder):
        committed.setdefault(posixpath.basename(path), []).append(posixpath.relpath(path, work.folder))
    if any(f"/{path}".endswith(f"/{name}") for name in names for path in committed.get(posixpath.basename(name), ())):
        return
    there = next((name for name in sorted(names) if work.files.is_file(work.path(name))), None)
    expect.fail(
        looked_at=f"the command of {project.path}: {command}",
        expected="a script of the last commit that it runs",
        found=f"{there}, which is not committed" if there else "none of its words is a committed file",
        fix=_fix_commit(there) if there else f"(name your script in the command of {project.path})",
    )


def _fix_commit(name: str) -> str:
    return f'git add {name}\ngit commit -m "Make the search an MLflow project"'


def _fail(project: Project, where: str, expected: str, found: str) -> NoReturn:
    file = project.path if where.startswith(("the entry", "entry", project.path)) else where
    expect.fail(
        looked_at=where if where == project.path else f"{project.path}: {where}",
        expected=expected,
        found=found,
        fix=f"(in {file}, write what is expected: README, step 5)\n{_fix_commit(file)}",
    )
