"""The tools of this machine: which are here, whether they are new enough, and what goes without those that are not."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

_ITSELF = "mlsd-workshop"
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_SET_UP = "make setup (without make: python checks/bootstrap.py)"
_OLDEST = {
    "git": ("2.23", "`git restore` is new in it"),
    "docker": ("23.0", "from it on, `docker build` uses BuildKit"),
    "conda": ("23.10", "from it on, the quick solver is the default"),
}
"""The oldest version of a tool that will do, and why. Those of packages stand in `pyproject.toml`."""
_INSTALL = {
    "git": {
        "Linux": "sudo apt-get install git (Debian, Ubuntu)",
        "Darwin": "xcode-select --install",
        "Windows": "winget install Git.Git",
    },
    "docker": {
        "Linux": "sudo apt-get install docker.io (Debian, Ubuntu)",
        "Darwin": "brew install --cask docker-desktop",
        "Windows": "winget install Docker.DockerDesktop",
    },
    "conda": {
        "Linux": "curl -LO https://github.com/conda-forge/miniforge/releases/latest/download/Miniforge3-Linux-$(uname -m).sh"
        " && bash Miniforge3-Linux-*.sh",
        "Darwin": "brew install --cask miniforge",
        "Windows": "winget install CondaForge.Miniforge3",
    },
}
"""One command for each system that Python names (`platform.system()`), with that system's usual installer."""
_START_DOCKER = {"Linux": "sudo systemctl start docker", "Darwin": "open -a Docker"}
"""The same, where the client is there and no engine answers it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `version` is None where it is missing; `consequence` and `remedy` then say what that means."""

    name: str
    version: str | None
    needed: bool
    """Whether a learner can't work without it."""
    consequence: str
    remedy: str
    unfit: str | None = None
    """"too old" or "too new"; None where this version will do."""
    wanted: str = ""
    """Which version would do, and why."""


def examine() -> Iterator[Tool]:
    """Every tool that the course uses, the needed ones first."""
    yield Tool("python", platform.python_version(), True, "", "")  # an older one could not have run this
    yield _program("git", ("git", "--version"), True, "nothing works without Git")
    yield _package("dvc", "tasks with DVC can't be done")
    yield _package("mlflow", "tasks with MLflow can't be done")
    yield _package("pytest", "pytest can't check your work; mlsd check can")
    yield _sandbox()
    engine = ("docker", "version", "--format", "{{.Server.Version}}")  # the client alone builds nothing
    yield _program("docker", engine, False, "no engine answers that builds and runs images")
    yield _program("conda", ("conda", "--version"), False, "nothing here makes the environment")
    yield Tool(
        "conda-lock",
        _answer("conda-lock", "--version"),
        False,
        "nothing here writes a lock for several platforms",
        "conda install --name base --channel conda-forge conda-lock",
    )


def too_old(version: str, oldest: str) -> bool:
    """Whether a version, in the words of its tool (`git version 2.39.5 (Apple Git-154)`), is below the oldest that will do."""
    number = _NUMBER.search(version)
    return number is not None and Version(number[0]) < Version(oldest)


def unfit(version: str, wanted: SpecifierSet) -> str | None:
    """Whether a package's version is "too old" or "too new" for what is wanted; None where it fits."""
    broken = {one.operator for one in wanted if not one.contains(version, prereleases=True)}
    if not broken:
        return None
    return "too new" if broken <= {"<", "<="} else "too old"


def _program(name: str, question: tuple[str, ...], needed: bool, consequence: str) -> Tool:
    version = _answer(*question)
    oldest, why = _OLDEST[name]
    age = "too old" if version and too_old(version, oldest) else None
    if name == "docker" and version is None and shutil.which(name):
        remedy = _START_DOCKER.get(platform.system(), "start Docker Desktop")
    else:
        remedy = _INSTALL[name].get(platform.system(), _INSTALL[name]["Linux"])
    return Tool(name, version, needed, consequence, remedy, age, f"{oldest} or newer is needed: {why}")


def _package(name: str, consequence: str) -> Tool:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Tool(name, None, True, consequence, _SET_UP)
    wanted = next(
        requirement.specifier
        for requirement in map(Requirement, metadata.requires(_ITSELF) or ())
        if requirement.name == name
    )
    return Tool(name, version, True, consequence, _SET_UP, unfit(version, wanted), f"the course needs {wanted}")


def _answer(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = _NUMBER.search(done.stdout)
    return found[0] if found else None


def _sandbox() -> Tool:
    from checks.rebuild.find import find_sandbox
    from checks.rebuild.sandbox import SandboxUnavailable

    try:
        return Tool("sandbox", f"{find_sandbox()} works", False, "", "")
    except SandboxUnavailable as missing:
        consequence = f"--rebuild is refused without --trust: {missing.reason}"
        return Tool("sandbox", None, False, consequence, missing.remedy)
