"""Every link inside the repository leads somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from checks.cli.main import app
from tests.words.pages import README, ROOT, Page, pages

ALL = pages()
NAMES = [str(page.path.relative_to(ROOT)) for page in ALL]


def problem(page: Page, target: str) -> str | None:
    """What is wrong with a link of this page, if anything."""
    if target.startswith(("https://", "mailto:")):
        return None
    if target.startswith("http:"):
        return f"{target} is not encrypted"
    file, _, fragment = target.partition("#")
    path = Path(os.path.normpath(page.path.parent / file)) if file else page.path
    if not path.is_relative_to(ROOT) or not path.exists():
        return f"{target}: no such file"
    if fragment and fragment not in Page(path).anchors:
        return f"{target}: no such heading"
    return None


@pytest.mark.parametrize("page", ALL, ids=NAMES)
def test_links_lead_to_files_and_headings_that_exist(page: Page) -> None:
    assert [found for target in page.links if (found := problem(page, target))] == []


@pytest.mark.parametrize("page", ALL, ids=NAMES)
def test_pictures_exist_and_are_told_to_those_who_do_not_see_them(page: Page) -> None:
    for words, target in page.images:
        assert problem(page, target) is None, target
        assert len(words) > 80, f"{target} needs an alternative text that tells what it shows"
        assert words.endswith("."), f"{target}: the alternative text is sentences"


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = Page(ROOT / "docs" / "imagined.md")
    assert problem(page, "../README.md#for-learners") is None
    assert problem(page, "../README.md#for-nobody") == "../README.md#for-nobody: no such heading"
    assert problem(page, "README.md") == "README.md: no such file"
    assert problem(page, "../../etc") == "../../etc: no such file"


def test_the_readmes_contents_name_its_chapters() -> None:
    chapters = [line for line in README.prose.splitlines() if line.startswith("## ")]
    contents = next(line for line in README.prose.splitlines() if line.startswith("[Tasks]"))
    assert contents.count("](#") == len(chapters) - 1  # the story stands right below the contents


def test_the_readmes_commands_exist() -> None:
    verbs = set(re.findall(r"\bmlsd ([a-z]+)", README.text))
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert verbs <= known
