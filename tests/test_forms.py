"""What GitHub, editors and Git read beside the workflows: every file parses, and what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checks.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
VERBS = {
    command.name or command.callback.__name__.replace("_", "-")
    for command in app.registered_commands
    if command.callback
}
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(
    "page", [*FORMS, ROOT / ".github/pull_request_template.md", ROOT / ".devcontainer/devcontainer.json"], ids=str
)
def test_the_calls_that_it_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"\bmlsd ([a-z]+)", text)) - {"says"} <= VERBS
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= TARGETS


def test_the_dev_container_is_the_course_s_image() -> None:
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"WORKDIR {settings['workspaceFolder']}" in dockerfile
    assert f"USER {settings['remoteUser']}" in dockerfile
