"""The tools of this machine: which are here, and what goes without those that are not."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `version` is None where it is missing; `consequence` and `remedy` then say what that means."""

    name: str
    version: str | None
    needed: bool
    """Whether a learner can't work without it."""
    consequence: str
    remedy: str


def examine() -> Iterator[Tool]:
    """Every tool that the course uses, the needed ones first."""
    setup = "make setup (without make: python checks/bootstrap.py)"
    yield Tool("python", platform.python_version(), True, "", "")
    yield Tool("git", _answer("git", "--version"), True, "nothing works without Git", "install Git: git-scm.com")
    yield Tool("dvc", _package("dvc"), True, "the tasks of module 1 can't be done", setup)
    yield Tool("mlflow", _package("mlflow"), True, "the tasks of module 2 can't be done", setup)
    yield Tool("pytest", _package("pytest"), True, "pytest can't check your work; mlsd check can", setup)
    yield _sandbox()
    yield Tool(
        "docker",
        _answer("docker", "version", "--format", "{{.Server.Version}}"),  # the client alone builds nothing
        False,
        "task 3.1: no engine answers that builds and runs images",
        "start Docker Desktop or Docker Engine: docs.docker.com/get-started/get-docker",
    )
    yield Tool(
        "conda",
        _answer("conda", "--version"),
        False,
        "task 3.2: nothing here makes the environment",
        "install Miniforge: conda-forge.org/download",
    )


def _package(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _answer(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().removeprefix("git version ").removeprefix("conda ")


def _sandbox() -> Tool:
    from checks.rebuild.sandbox import SandboxUnavailable, find_sandbox

    try:
        return Tool("sandbox", f"{find_sandbox()} works", False, "", "")
    except SandboxUnavailable as missing:
        consequence = f"--rebuild is refused without --trust: {missing.reason}"
        return Tool("sandbox", None, False, consequence, missing.remedy)
