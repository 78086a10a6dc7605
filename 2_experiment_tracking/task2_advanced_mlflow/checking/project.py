"""The MLflow project: a typed entry point, its script and an environment of exact versions in Git, and what it makes."""

import math
import posixpath
import shlex
from itertools import pairwise

from checks import Workspace, expect
from checks.assertions import rebuilt
from checks.assertions.store import NEW_STORE, finished_runs, tracking
from checks.core.task import COURSE_NAMES
from checks.core.workspace import Rebuilt, Script
from checks.evidence.mlflow.project import FILE, EntryPoint, EnvironmentKind, Project, is_project_file, parse_project
from checks.evidence.mlflow.project_environment import (
    ProjectEnvironment,
    parse_conda_env,
    parse_python_env,
    parse_requirements,
)

from .grid import METRIC
from .search import DATA, MONTHS, NAME, SCRIPT, commit, committed

ENTRY_POINT = "main"
_INCLUDES = 8
"""Requirements files that one environment may include."""
_MESSAGE = "Make the search an MLflow project"
_RUN = f"mlflow run . --env-manager local --experiment-name {NAME}"
"""The script names this experiment: with a project's run in another one, it could not go on."""


def committed_project(work: Workspace) -> Project:
    """The committed `MLproject` of the task folder. Raises Failure where there is none, or a malformed one."""
    beside = [path for path in work.snapshot.paths(work.folder) if posixpath.dirname(path) == work.folder]
    names = sorted(filter(is_project_file, map(posixpath.basename, beside)))
    if not names:
        there = next(filter(is_project_file, work.files.names(work.folder)), None)
        fix = commit(there, _MESSAGE) if there else f"(write {FILE}: README, step 5)"
        about = expect.Subject(f"{FILE} in the last commit of {work.branch}", fix)
        about.fail("the project's file", f"{there} is there, but not committed" if there else "no such file")
    return parse_project(work.snapshot.read(work.path(names[0])) or b"", names[0])


def typed_entry_point(work: Workspace, project: Project) -> EntryPoint:
    """The entry point `main`: every parameter has a type, and the command uses them to run a committed script."""
    points = _about(project, "entry_points", project.path)
    if ENTRY_POINT not in project.entry_points:
        points.fail(f"the entry point {ENTRY_POINT}", ", ".join(project.entry_points) or "no entry point")
    point = project.entry_points[ENTRY_POINT]
    main = _about(project, f"the entry point {ENTRY_POINT}", project.path)
    main.that(point.parameters, "parameters, each with its type", "no parameters")
    untyped = [parameter.name for parameter in point.parameters if not parameter.declared]
    if untyped:
        types = f"a type for each parameter (float, string, path or uri), such as {untyped[0]}: {{type: float}}"
        main.fail(types, f"no type for {', '.join(untyped)}")
    if not point.command or not point.command.strip():
        main.fail("a command", "none")
    placeholders = point.placeholders
    if placeholders is None:
        main.fail("a command with {name} for each parameter", f"braces without a pair: {point.command}")
    unknown = sorted(placeholders - {parameter.name for parameter in point.parameters})
    if unknown:
        main.fail("a command that names declared parameters only", f"{{{unknown[0]}}}, which is none")
    main.that(placeholders, "a command that passes its parameters on", f"none of them in: {point.command}")
    _need_script(work, project, point.command)
    return point


def _need_script(work: Workspace, project: Project, command: str) -> None:
    """A word of the command is a committed file of the learner's, or the module of one."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    names = {posixpath.normpath(word) for word in words}
    for option, module in pairwise(words):
        if option == "-m":
            place = module.replace(".", "/")
            names |= {f"{place}.py", f"{place}/__main__.py"}
    paths: dict[str, list[str]] = {}
    for path in work.snapshot.paths(work.folder):
        inner = posixpath.relpath(path, work.folder)
        if inner in names:
            return
        if inner.partition("/")[0] not in COURSE_NAMES:
            paths.setdefault(posixpath.basename(path), []).append(inner)
    if any(f"/{path}".endswith(f"/{name}") for name in names for path in paths.get(posixpath.basename(name), ())):
        return
    there = next((name for name in sorted(names) if work.files.is_file(work.path(name))), None)
    fix = commit(there, _MESSAGE) if there else f"(name your script in the command of {project.path})"
    about = expect.Subject(f"the command of {project.path}: {command}", fix)
    found = f"{there}, which is not committed" if there else "none of its words is a committed file"
    about.fail("a script of the last commit that it runs", found)


def pinned_environment(work: Workspace, project: Project) -> None:
    """The project names a Python or Conda environment whose committed file has exact versions only."""
    environment = project.environment_of(lambda file: work.snapshot.is_file(work.path(file)))
    if environment is None or environment.file is None:
        image = f"docker_env: {environment.image}" if environment else "no environment"
        _about(project, None).fail("a Python or Conda environment: python_env or conda_env", image)
    file, is_conda = environment.file, environment.kind is EnvironmentKind.CONDA
    first = (parse_conda_env if is_conda else parse_python_env)(_committed(work, project, file), file)
    every = [first, *_included(work, project, file, first, base=posixpath.dirname(file) if is_conda else "")]
    loose = [package for one in every for package in one.loose]
    about = _about(project, file)
    about.that(first.python is not None, 'the version of Python, such as python: "3.11"', "none")
    about.that(any(one.packages for one in every), "the packages that the script needs", "no dependencies")
    expected = "an exact version of each package, such as mlflow==3.17.2"
    about.that(not loose, expected, f"without one: {', '.join(loose[:5])}")


def _included(
    work: Workspace, project: Project, file: str, first: ProjectEnvironment, base: str
) -> list[ProjectEnvironment]:
    """The requirements that an environment's file includes, from `base`: Conda runs pip beside the file, MLflow in the project."""
    waiting, seen, found = [posixpath.join(base, name) for name in first.includes], {file}, []
    while waiting:
        name = posixpath.normpath(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        many = "more of them include each other"
        _about(project, file).that(len(seen) <= _INCLUDES, f"at most {_INCLUDES} files", many)
        found.append(parse_requirements(_committed(work, project, name), name))
        waiting += [posixpath.join(posixpath.dirname(name), inner) for inner in found[-1].includes]
    return found


def _committed(work: Workspace, project: Project, file: str) -> bytes:
    expected, make = f"the environment that {project.path} names", f"(write {file}: README, step 5)"
    return committed(work, file, expected, message=_MESSAGE, make=make)


def _about(project: Project, where: str | None, file: str | None = None) -> expect.Subject:
    """A part of the project, in `file` where that is not its name; None stands for the project's file as a whole."""
    file = file or where or project.path
    fix = f"(in {file}, write what is expected: README, step 5)\n{commit(file, _MESSAGE)}"
    return expect.Subject(f"{project.path}: {where}" if where else project.path, fix)


def has_defaults(project: Project, point: EntryPoint) -> None:
    """Every parameter of the entry point has a default, so that one command runs it."""
    lacking = [parameter.name for parameter in point.parameters if parameter.default is None]
    if lacking:
        expect.fail(
            looked_at=f"{project.path}: the entry point {point.name}",
            expected="a default for each parameter, so that `mlflow run .` runs it as it is",
            found=f"no default for {', '.join(lacking)}",
            fix=f"(in {project.path}, such as `{lacking[0]}: {{type: float, default: 20}}`)\n"
            f"{commit(project.path, 'Give the project its defaults')}",
        )


def rebuild(work: Workspace, number: int = 0) -> Rebuilt:
    """`mlflow run` in a fresh clone, the first or one more. Raises Failure where it ends with an error."""
    return _made(work, _RUN, "the project", number)


def rebuild_by_script(work: Workspace, number: int = 0) -> Rebuilt:
    """The script alone in a fresh clone, where there is no project yet."""
    return _made(work, f"python {SCRIPT}", SCRIPT, number)


def _made(work: Workspace, command: str, what: str, number: int) -> Rebuilt:
    made = work.rebuilt(Script(f"{NEW_STORE}{command}  # rebuild {number}", data={DATA: MONTHS}))
    rebuilt.finished(made, command, fix=f"git status --short\n(commit everything that {what} needs)\n{command}")
    return made


def logs_its_run(made: Rebuilt, project: Project) -> None:
    """A finished run of the project has an error: its own, or that of one of its children."""
    fix = f"(let the command of {project.path} run your search)"
    runs = finished_runs(tracking(made.work, fix=fix), NAME)
    about = expect.Subject(f"the store that `mlflow run .` makes in a fresh clone: the runs of {NAME}", fix)
    expected = f"a finished run with its {METRIC}"
    found = f"{len(runs)} finished runs, none of them with {METRIC}"
    about.that(any(math.isfinite(run.metrics.get(METRIC, math.nan)) for run in runs), expected, found)
