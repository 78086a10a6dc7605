"""Which sandbox a machine gets, and what somebody without one is told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException

from checks.rebuild import bubblewrap, container
from checks.rebuild.bubblewrap import Bubblewrap
from checks.rebuild.container import IMAGE, Container
from checks.rebuild.docker_run import LABEL
from checks.rebuild.find import find_sandbox
from checks.rebuild.sandbox import Command, SandboxUnavailable
from tests.engines import base_image
from tests.rebuild.place import Place


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """What was found out before is forgotten, and so is what is found out here."""
    bubblewrap.unavailable.cache_clear()
    container.unavailable.cache_clear()
    yield
    bubblewrap.unavailable.cache_clear()
    container.unavailable.cache_clear()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers. The real library leaves its socket open then, which these tests take for an error."""

    def connect(**_: object) -> None:
        raise DockerException("Connection aborted.")

    monkeypatch.setattr("checks.rebuild.docker_run.APIClient", connect)


@pytest.mark.usefixtures("no_engine")
def test_without_both_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable) as caught:
        find_sandbox()
    assert caught.value.reason == "bubblewrap (bwrap) is not installed, and no Docker engine answers"
    assert "apt-get install bubblewrap" in caught.value.remedy
    assert "docker build --tag mlsd-workshop ." in caught.value.remedy


@pytest.mark.usefixtures("no_engine")
def test_elsewhere_it_is_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SandboxUnavailable, match=f"no Docker engine answers; .* docker build --tag {IMAGE}"):
        find_sandbox()


@pytest.mark.usefixtures("no_engine")
def test_where_bubblewrap_fails_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match="bubblewrap does not work here"):
        find_sandbox()


def test_bubblewrap_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.rebuild.bubblewrap.unavailable", lambda: None)
    monkeypatch.setattr("checks.rebuild.container.unavailable", lambda: None)
    assert isinstance(find_sandbox(), Bubblewrap)
    monkeypatch.setattr("checks.rebuild.bubblewrap.unavailable", lambda: "no namespaces here")
    assert find_sandbox() == Container()


@pytest.mark.parametrize("place", ["container"], indirect=True)
def test_an_image_that_is_not_there(place: Place) -> None:
    missing = container.unavailable("mlsd-no-such-image")
    assert missing is not None
    assert missing.reason == "the Docker engine has no image mlsd-no-such-image"
    assert missing.remedy == "docker build --tag mlsd-workshop ."


@pytest.mark.parametrize("place", ["container"], indirect=True)
def test_leftovers_of_a_process_that_was_killed_are_removed(place: Place, work: Path) -> None:
    """And what another process still uses is not."""
    import docker

    now = int(time.time())
    engine = docker.from_env()
    try:
        made = [engine.volumes.create(labels={LABEL: str(at)}) for at in (now - 1, now + 600)]
        left = engine.containers.create(base_image.NAME, ["true"], labels={LABEL: str(now - 1)})
        place.sandbox.run(Command(["true"], work=work))
        names = {volume.name for volume in engine.volumes.list(filters={"label": LABEL})}
        containers = {found.id for found in engine.containers.list(all=True, filters={"label": LABEL})}
        assert made[0].name not in names
        assert made[1].name in names
        assert left.id not in containers
        made[1].remove()
    finally:
        engine.close()
