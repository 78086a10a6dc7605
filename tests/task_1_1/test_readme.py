"""The README of task 1.1, followed word for word in a fresh clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.course.course import Course
from checks.course.task import Task
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Outcome
from checks.selftest.build import clone_course

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ID = re.compile(r"\b[0-9a-f]{7}\b")
ANSWERS = b"ada@example.org\nAda Example\n"


@dataclass(frozen=True)
class Section:
    """A part of the README: the commands in it, and the lines that one should see."""

    step: str | None
    commands: str
    expected: tuple[str, ...]


def sections(readme: str) -> list[Section]:
    """Set-up and steps, in order."""
    body = readme[readme.index("\n## Set up") : readme.index("\n## Check your work")]
    found = []
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        marker = re.search(r"<!-- step: (\w+) -->", part)
        blocks = BLOCK.findall(part)
        commands = "".join(text for kind, text in blocks if kind == "sh")
        seen = tuple(line for kind, text in blocks if kind == "text" for line in text.splitlines())
        found.append(Section(marker[1] if marker else None, commands, seen))
    return found


@pytest.fixture(scope="module")
def followed(
    course: Course, task: Task, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Section, str, set[str]]]:
    """Each section, what its commands printed, and the steps that were passed then."""
    clone = tmp_path_factory.mktemp("readme") / "clone"
    clone_course(course, clone)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    folder = clone
    done = []
    for section in sections((task.path / "README.md").read_text(encoding="utf-8")):
        script = f"{section.commands}\npwd"  # a learner's shell goes on where the last command left it
        run = subprocess.run(
            ["sh", "-c", script], cwd=folder, env=environment, input=ANSWERS, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=True,
        )  # fmt: skip
        *lines, last = run.stdout.decode().splitlines()
        folder = Path(last)
        report = grade_path(course, clone, [Selection(task)])
        passed = {step.step.removeprefix("1.1/") for step in report.steps if step.outcome is Outcome.PASSED}
        done.append((section, "\n".join(lines), passed))
    return done


def test_each_step_turns_green_when_it_is_done_and_not_before(followed, task: Task) -> None:
    names = [step.name for step in task.steps]
    assert [section.step for section, _, _ in followed] == [None, *names]
    for count, (_, output, passed) in enumerate(followed):
        assert passed == set(names[:count]), output


def test_what_one_should_see_is_seen(followed) -> None:
    for section, output, _ in followed:
        seen = ID.sub("*", output).splitlines()  # the answer to a question ends no line here: hence `endswith`
        wanted = [ID.sub("*", line) for line in section.expected]
        missing = [line for line in wanted if not any(other.endswith(line) for other in seen)]
        assert not missing, (section.step, output)


def test_no_command_complains(followed) -> None:
    for _, output, _ in followed:
        for word in ("ERROR", "fatal:", "Traceback", "command not found"):
            assert word not in output
