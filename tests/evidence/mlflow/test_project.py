"""`MLproject` files as MLflow itself reads them, and their environment files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checks import limits
from checks.evidence.mlflow.project import Environment, EnvironmentKind, Project, is_project_file, parse_project
from checks.evidence.mlflow.project_environment import (
    ProjectEnvironment,
    parse_conda_env,
    parse_python_env,
    parse_requirements,
)
from checks.expect import Failure

TYPED = """name: bike-demand
python_env: python_env.yaml
entry_points:
  main:
    parameters:
      data: path
      depth: {type: float, default: 8}
      label: {default: none}
    command: "python tune.py --data {data} --depth {depth}"
  check: {command: pytest}
"""
FILES = ("python_env.yaml", "conda.yaml", "other.yaml")


def told_by_mlflow(folder: Path) -> Any:
    from mlflow.projects._project_spec import load_project

    return load_project(str(folder))


def agree(text: str, folder: Path) -> Project:
    """What we read of a project, held against MLflow's own reading."""
    (folder / "MLproject").write_text(text, encoding="utf-8")
    theirs = told_by_mlflow(folder)
    ours = parse_project(text.encode(), "MLproject")
    assert ours.name == theirs.name
    points = theirs._entry_points
    assert ours.entry_points.keys() == points.keys()
    for name, point in ours.entry_points.items():
        assert point.command == points[name].command
        assert {p.name: (p.type, p.default) for p in point.parameters} == {
            key: (p.type, p.default) for key, p in points[name].parameters.items()
        }
    environment = ours.environment_of(lambda file: (folder / file).is_file())
    if environment is None:
        assert (theirs.env_type, theirs.env_config_path) == ("python_env", None)
    else:
        assert environment.kind.value == theirs.env_type
        assert (environment.file and str(folder / environment.file)) == theirs.env_config_path
    return ours


@pytest.mark.parametrize(
    "text",
    [
        TYPED,
        "name: nothing to run\n",
        "entry_points: {}\n",
        TYPED.replace("python_env: python_env.yaml", "conda_env: other.yaml"),
        TYPED.replace("python_env: python_env.yaml", "docker_env: {image: bikes}"),
        TYPED.replace("python_env: python_env.yaml", ""),
        TYPED.replace("python_env: python_env.yaml", "python_env:"),
        TYPED.replace("\n", "\r\n"),
    ],
)
def test_mlflow_and_we_read_the_same(text: str, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("dependencies: []\n")
    agree(text, tmp_path)


@pytest.mark.parametrize("files", [(), ("conda.yaml",), ("python_env.yaml",), ("conda.yaml", "python_env.yaml")])
def test_an_environment_that_is_not_named(files: tuple[str, ...], tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).write_text("dependencies: []\n")
    agree("name: bikes\n", tmp_path)


def test_a_typed_entry_point() -> None:
    main = parse_project(TYPED.encode(), "MLproject").entry_points["main"]
    assert [(one.name, one.type, one.declared, one.default) for one in main.parameters] == [
        ("data", "path", True, None),
        ("depth", "float", True, 8),
        ("label", "string", False, "none"),
    ]
    assert main.placeholders == {"data", "depth"}


def test_braces_without_a_pair() -> None:
    text = TYPED.replace("{depth}", "{depth")
    assert parse_project(text.encode(), "MLproject").entry_points["main"].placeholders is None


@pytest.mark.parametrize("name", ["MLproject", "mlproject", "MLPROJECT", "MLproject.yaml"])
def test_names_that_mlflow_takes(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("name: found\n")
    assert is_project_file(name) == (name != "MLproject.yaml")
    assert told_by_mlflow(tmp_path).name == ("found" if is_project_file(name) else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing, where a mapping belongs"),
        ("- a\n", "a list, where a mapping belongs"),
        ("entry_points:\n", "nothing at `entry_points`"),
        ("entry_points: {main: python tune.py}\n", "a text at `entry_points.*`, where a mapping belongs"),
        ("entry_points: {main: {parameters: [a]}}\n", "a list at `entry_points.*.parameters`"),
        ("entry_points: {main: {parameters: {a: }}}\n", "nothing at `entry_points.*.parameters.*`"),
        ("entry_points: {main: {parameters: {a: 1}}}\n", "a whole number at `entry_points.*.parameters.*`"),
        (
            "entry_points: {main: {parameters: {a: {type: 1}}}}\n",
            "a whole number at `entry_points.*.parameters.*.type`",
        ),
        ("entry_points: {main: {command: [python, tune.py]}}\n", "a list at `entry_points.*.command`"),
        ("entry_points: {on: {command: x}}\n", "write it in quotes"),
        ("name: [a]\n", "a list at `name`, where a text or nothing belongs"),
        ("python_env: a\nconda_env: b\n", "more than one environment"),
        ("python_env: {python: 3}\n", "a mapping at `python_env`"),
        ("docker_env: {volumes: []}\n", "no `image` at `docker_env`"),
        ("docker_env: image\n", "a text at `docker_env`"),
        ("databricks_spark_job: {python_file: a}\n", "Databricks"),
        ("a: &a [*a]\n", "an alias"),
    ],
)
def test_what_is_no_project_is_named(text: str, found: str) -> None:
    with pytest.raises(Failure) as caught:
        parse_project(text.encode(), "MLproject")
    assert caught.value.looked_at == "MLproject"
    assert found in caught.value.found


def test_an_environment_of_docker() -> None:
    project = parse_project(b"docker_env: {image: bikes}\n", "MLproject")
    assert project.environment == Environment(EnvironmentKind.DOCKER, image="bikes")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text("abcdefghij_", min_size=1, max_size=6)
PARAMETERS = st.dictionaries(
    NAMES,
    st.sampled_from(["float", "string", "path", "uri", "int"])
    | st.fixed_dictionaries({}, optional={"type": st.sampled_from(["float", "uri"]), "default": VALUES}),
    max_size=3,
)
POINTS = st.dictionaries(
    NAMES | st.just("main"),
    st.fixed_dictionaries({}, optional={"parameters": PARAMETERS, "command": st.text(max_size=20)}),
    max_size=3,
)
PROJECTS = st.fixed_dictionaries({}, optional={"name": NAMES, "entry_points": POINTS})


@given(PROJECTS)
def test_what_mlflow_runs_is_read_as_mlflow_reads_it(document: dict[str, object]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = yaml.safe_dump(document, allow_unicode=False)
        if document:
            agree(text.replace(".nan", "0.5"), Path(folder))


@given(st.binary(max_size=60) | st.dictionaries(st.sampled_from(["name", "entry_points", "python_env"]), VALUES))
def test_anything_is_a_project_or_a_failure(content: bytes | dict[str, object]) -> None:
    data = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    with contextlib.suppress(Failure):
        assert all(isinstance(point.placeholders, frozenset | None) for point in
                   parse_project(data, "MLproject").entry_points.values())  # fmt: skip


@given(st.binary(max_size=60) | st.dictionaries(st.sampled_from(["python", "dependencies", "name"]), VALUES))
@pytest.mark.parametrize("parse", [parse_python_env, parse_conda_env, parse_requirements])
def test_anything_is_an_environment_or_a_failure(parse: Any, content: bytes | dict[str, object]) -> None:
    data = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    with contextlib.suppress(Failure):
        assert isinstance(parse(data, "env"), ProjectEnvironment)


PYTHON_ENV = 'python: "3.11"\nbuild_dependencies: [pip, setuptools==70.0]\ndependencies:\n- mlflow==3.17.2\n- -r requirements.txt\n'
CONDA = "name: b\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip\n- numpy=2.1\n- pip: [mlflow==3.17.2, pandas>=2]\n"


def test_a_python_environment_as_mlflow_reads_it(tmp_path: Path) -> None:
    from mlflow.utils.environment import _PythonEnv

    (tmp_path / "e.yaml").write_text(PYTHON_ENV)
    theirs = _PythonEnv.from_yaml(tmp_path / "e.yaml")
    ours = parse_python_env(PYTHON_ENV.encode(), "e.yaml")
    assert ours == ProjectEnvironment(theirs.python, ("mlflow==3.17.2",), (), ("requirements.txt",))


def test_a_conda_environment() -> None:
    ours = parse_conda_env(CONDA.encode(), "conda.yaml")
    assert ours.python == "python=3.11"
    assert ours.packages == ("numpy=2.1", "mlflow==3.17.2", "pandas>=2")
    assert ours.loose == ("pandas>=2",)


def test_a_version_that_is_not_exact_is_loose() -> None:
    found = parse_requirements(b"# a comment\nmlflow==3.17.2  # why\nmlflow>=3\nmlflow = 3\n", "requirements.txt")
    assert found.packages == ("mlflow==3.17.2", "mlflow>=3", "mlflow = 3")
    assert found.loose == ("mlflow>=3", "mlflow = 3")


def test_requirements_with_hashes_and_options() -> None:
    text = b"--extra-index-url https://example.org\n-r base.txt\nmlflow==3.17.2 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
    assert parse_requirements(text, "r.txt") == ProjectEnvironment(None, ("mlflow==3.17.2",), (), ("base.txt",))


def test_a_python_version_that_is_a_number() -> None:
    with pytest.raises(Failure, match="quotes"):
        parse_python_env(b"python: 3.11\n", "python_env.yaml")


def test_more_packages_than_are_read() -> None:
    text = b"mlflow==1\n" * (limits.PROJECT_PACKAGES + 1)
    with pytest.raises(Failure, match="a list of length"):
        parse_requirements(text, "requirements.txt")
