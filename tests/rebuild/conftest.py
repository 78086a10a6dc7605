"""The sandboxes of this machine, shared by all tests that need one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from checks.rebuild import bubblewrap, container
from checks.rebuild.find import find_sandbox
from checks.rebuild.sandbox import Run, Sandbox, SandboxUnavailable
from tests.engines import base_image
from tests.evidence.conftest import new_repo, repo, tool_env  # noqa: F401 - fixtures: a real repository to rebuild
from tests.rebuild.place import SMALL, Place


def missing(what: str) -> NoReturn:
    """Skip by this name, and fail where engines are required."""
    if os.environ.get("REQUIRE_ENGINES") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def box() -> Sandbox:
    """The sandbox of this machine. Skips by name where none works, and fails where engines are required."""
    try:
        return find_sandbox()
    except SandboxUnavailable as unavailable:
        missing(f"sandbox: {unavailable.reason}")


@pytest.fixture(scope="session", params=["bubblewrap", "container"])
def place(request: pytest.FixtureRequest, neutral_machine: None) -> Place:
    """Each implementation of the sandbox in turn. The container's image is the base image of task 3.1."""
    if request.param == "bubblewrap":
        if reason := bubblewrap.unavailable():
            missing(f"bubblewrap: {reason}")
        return Place("bubblewrap", bubblewrap.Bubblewrap(), sys.executable)
    if unavailable := container.unavailable(base_image.NAME):
        missing(f"container: {unavailable.reason}")
    return Place("container", container.Container(base_image.NAME), "python")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder that a run starts from."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder that results are copied to."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def python(place: Place, work: Path) -> Callable[..., Run]:
    """Run Python code inside, in `work`."""
    return lambda text, *arguments, limits=SMALL: place.script(text, *arguments, work=work, limits=limits)
