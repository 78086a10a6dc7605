"""Every link inside the repository leads somewhere, and a page says what the course says, in words that keep nobody out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checks.cli.main import app
from checks.core.course import Course
from checks.selftest.page import Page, link_faults, link_problem
from tests.words.pages import COVERAGE, README, ROOT, pages, rows, section

ALL = pages()
NAMES = [str(page.path.relative_to(ROOT)) for page in ALL]
BELITTLING = re.compile(r"\b(?:just|simply|obviously|easily|easy|trivial(?:ly)?|of course)\b", re.IGNORECASE)
STEP = re.compile(r"`(\d+\.\d+)/([a-z0-9_]+)`")
IDEAS = rows(COVERAGE.prose)
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
VERBS = {
    command.name or command.callback.__name__.replace("_", "-")
    for command in app.registered_commands
    if command.callback
}
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


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


@pytest.mark.parametrize("page", ALL, ids=NAMES)
def test_no_word_belittles_the_work(page: Page) -> None:
    assert [line for line in page.prose.splitlines() if BELITTLING.search(line)] == []


def test_the_readmes_table_of_tasks_is_that_of_the_tasks(course: Course) -> None:
    told = {row[0]: row[2:] for row in rows(section(README, "The six tasks"))}
    for task in course.tasks:
        time, tools, points = told[f"[{task.id} {task.title}]({task.folder}/README.md)"]
        assert time == f"{task.minutes} minutes"
        assert [tool.lower() for tool in tools.split(", ")] == list(task.tools)
        assert points == f"{task.points:g}"


def test_each_idea_is_taught_somewhere() -> None:
    assert [idea for idea, taught, _, _ in IDEAS if "](../" not in taught] == []


def test_each_step_that_is_named_exists_and_each_step_checks_an_idea(course: Course) -> None:
    named = {match for _, _, checked, _ in IDEAS for match in STEP.findall(checked)}
    assert named == {(task.id, step.name) for task in course.tasks for step in task.steps}


def test_what_is_taught_now_and_what_later_is_told_apart() -> None:
    assert {when for *_, when in IDEAS} == {"core", "core, next", "next"}
    assert len({idea for idea, *_ in IDEAS}) == len(IDEAS)


@pytest.mark.parametrize(
    "page",
    [*FORMS, README.path, ROOT / ".github/pull_request_template.md", ROOT / ".devcontainer/devcontainer.json"],
    ids=str,
)
def test_the_calls_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"\bmlsd ([a-z]+)", text)) - {"says"} <= VERBS
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= TARGETS


def test_the_dev_container_is_the_course_s_image() -> None:
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"WORKDIR {settings['workspaceFolder']}" in dockerfile
    assert f"USER {settings['remoteUser']}" in dockerfile
