"""Every link inside the repository leads somewhere."""

from __future__ import annotations

import re

import pytest

from checks.cli.main import app
from checks.selftest.page import Page, link_faults, link_problem
from tests.words.pages import README, ROOT, pages

ALL = pages()
NAMES = [str(page.path.relative_to(ROOT)) for page in ALL]


@pytest.mark.parametrize("page", ALL, ids=NAMES)
def test_links_and_pictures_lead_somewhere_and_pictures_are_told_in_words(page: Page) -> None:
    assert list(link_faults(page, ROOT)) == []


def test_a_broken_link_is_found() -> None:
    page = Page(ROOT / "docs" / "imagined.md")
    assert link_problem(page, "../README.md#for-learners", ROOT) is None
    assert link_problem(page, "../README.md#for-nobody", ROOT) == "../README.md#for-nobody: no such heading"
    assert link_problem(page, "README.md", ROOT) == "README.md: no such file"
    assert link_problem(page, "../../etc", ROOT) == "../../etc: no such file"


def test_the_readmes_contents_name_its_chapters() -> None:
    chapters = [line for line in README.prose.splitlines() if line.startswith("## ")]
    contents = next(line for line in README.prose.splitlines() if line.startswith("[Tasks]"))
    assert contents.count("](#") == len(chapters) - 1  # the story stands right below the contents


def test_the_readmes_commands_exist() -> None:
    verbs = set(re.findall(r"\bmlsd ([a-z]+)", README.text))
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert verbs <= known
