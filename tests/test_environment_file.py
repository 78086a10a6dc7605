"""The course's own environment.yml keeps what task 3.2 teaches, and says the same as requirements.lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checks.core.course import Course
from checks.evidence.conda.environment import Environment, parse_environment
from tests.task_modules import module_of

ROOT = Path(__file__).resolve().parents[1]
WHERE = "environment.yml"
PINNED = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^\s\\;]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?")


@pytest.fixture(scope="module")
def environment() -> Environment:
    return parse_environment((ROOT / WHERE).read_bytes(), WHERE)


def locked(python: str) -> dict[str, str]:
    """The versions of requirements.lock for a Python on Linux."""
    machine = {"python_full_version": python, "python_version": "3.11", "sys_platform": "linux"}
    matches = map(PINNED.fullmatch, (ROOT / "requirements.lock").read_text().splitlines())
    return {
        canonicalize_name(match["name"]): match["version"]
        for match in matches
        if match and (match["marker"] is None or Marker(match["marker"]).evaluate(machine))
    }


def test_it_passes_what_the_task_asks_of_a_learner(course: Course, environment: Environment) -> None:
    conda = module_of(course.task("3.2"), "environment")
    conda.no_prefix(environment, WHERE)
    conda.channels_unmixed(environment, WHERE)
    conda.dependencies_pinned(environment, WHERE)
    conda.pip_section_valid(environment, WHERE)
    assert environment.name == "mlsd-workshop"


def test_it_names_every_dependency_of_the_project(environment: Environment) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {canonicalize_name(Requirement(line).name): Requirement(line) for line in project["dependencies"]}
    named = {requirement.name: requirement for requirement in environment.pip or ()}
    assert named.keys() == wanted.keys()
    python = environment.spec("python")
    assert python is not None
    assert python.version is not None
    versions = locked(python.version)
    for name, requirement in named.items():
        assert requirement.text == f"{name}=={versions[name]}"
        assert wanted[name].specifier.contains(versions[name])
