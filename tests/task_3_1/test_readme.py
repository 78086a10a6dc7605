"""The README of task 3.1, followed word for word in a fresh clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from checks.course.course import Course
from checks.course.task import Task
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Outcome
from checks.selftest.build import clone_course
from checks.selftest.needs import missing_tool

BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERS = b"ada@example.org\nAda Example\n"


@dataclass(frozen=True)
class Section:
    """A part of the README: what is typed and written in it, in order, and the lines that one should see."""

    step: str | None
    actions: tuple[tuple[str | None, str], ...]
    """The file that is written (None: commands that are typed), and its content."""
    expected: tuple[str, ...]


def sections(readme: str) -> list[Section]:
    """Set-up and steps, in order."""
    body = readme[readme.index("\n## Set up") : readme.index("\n## Check your work")]
    found = []
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        marker = re.search(r"<!-- step: (\w+) -->", part)
        blocks = list(BLOCK.finditer(part))
        actions = tuple((block["file"], block["text"]) for block in blocks if block["file"] or block["kind"] == "sh")
        seen = tuple(line for block in blocks if block["kind"] == "text" for line in block["text"].splitlines())
        found.append(Section(marker[1] if marker else None, actions, seen))
    return found


@pytest.fixture(scope="module")
def followed(
    course: Course, task: Task, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Section, str, set[str]]]:
    """Each section, what its commands printed, and the steps that were passed then."""
    if missing := missing_tool(task):
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    clone = tmp_path_factory.mktemp("readme") / "clone"
    clone_course(course, clone)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    folder = clone
    done = []
    with FileLock("/tmp/mlsd-docker-engine.lock"):
        for section in sections((task.path / "README.md").read_text(encoding="utf-8")):
            printed = []
            for file, text in section.actions:
                if file:
                    (folder / file).write_text(text)
                    continue
                run = subprocess.run(
                    ["sh", "-c", f"{text}\npwd"], cwd=folder, env=environment, input=ANSWERS, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, check=True,
                )  # fmt: skip
                *lines, last = run.stdout.decode().splitlines()
                folder = Path(last)
                printed += lines
            report = grade_path(course, clone, [Selection(task)])
            passed = {step.step.removeprefix("3.1/") for step in report.steps if step.outcome is Outcome.PASSED}
            done.append((section, "\n".join(printed), passed))
    return done


def test_each_step_turns_green_when_it_is_done_and_not_before(followed, task: Task) -> None:
    names = [step.name for step in task.steps]
    assert [section.step for section, _, _ in followed] == [None, *names]
    for count, (_, output, passed) in enumerate(followed):
        assert passed == set(names[:count]) - {"rebuild"}, output


def test_what_one_should_see_is_seen(followed) -> None:
    for section, output, _ in followed:
        missing = [line for line in section.expected if not any(seen.endswith(line) for seen in output.splitlines())]
        assert not missing, (section.step, output)


def test_the_last_runs_differ_in_nothing(followed) -> None:
    outputs = {section.step: output for section, output, _ in followed}
    assert outputs["run"].count("| Bin ") == 1  # of the first pair of runs
    assert "changed" not in outputs["rebuild"]
    assert "diff --git" not in outputs["rebuild"]


def test_no_command_complains(followed) -> None:
    for _, output, _ in followed:
        for word in ("ERROR", "fatal:", "Traceback", "command not found", "Error response", "failed:"):
            assert word not in output, output
