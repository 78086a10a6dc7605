"""The README of task 1.2, followed word for word in a fresh clone: commands typed, shown files written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.course.course import Course
from checks.course.task import Task
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Outcome
from checks.selftest.build import clone_course

BLOCK = re.compile(r"(?:^`(?P<file>[\w./]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERS = b"ada@example.org\nAda Example\n"
Followed = list[tuple[str | None, list[str], str, set[str]]]


@pytest.fixture(scope="module")
def followed(course: Course, task: Task, tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Each section's step, what one should see, what was printed, and the steps that were passed then."""
    clone = tmp_path_factory.mktemp("readme") / "clone"
    clone_course(course, clone)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    folder = clone
    readme = (task.path / "README.md").read_text(encoding="utf-8")
    done: Followed = []
    body = readme[readme.index("\n## Set up") : readme.index("\n## Check your work")]
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        marker = re.search(r"<!-- step: (\w+) -->", part)
        printed, seen = "", []
        for block in BLOCK.finditer(part):
            if block["file"]:
                (folder / block["file"]).write_text(block["text"], encoding="utf-8")
            elif block["kind"] == "text":
                seen += block["text"].splitlines()
            elif block["kind"] == "sh":
                run = subprocess.run(
                    ["sh", "-c", f"{block['text']}\npwd"], cwd=folder, env=environment, input=ANSWERS,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
                )  # fmt: skip
                *lines, last = run.stdout.decode().splitlines()
                folder = Path(last)
                printed += "\n".join(lines) + "\n"
        report = grade_path(course, clone, [Selection(task)])
        passed = {step.step.removeprefix("1.2/") for step in report.steps if step.outcome is Outcome.PASSED}
        done.append((marker[1] if marker else None, seen, printed, passed))
    return done


def test_each_step_is_passed_when_its_section_is_done(followed: Followed, task: Task) -> None:
    assert [step for step, *_ in followed] == [None, *(step.name for step in task.steps)]
    for step, _, printed, passed in followed:
        assert step in {None, "reproduce"} or step in passed, (step, printed)
    assert followed[-1][3] == {step.name for step in task.steps if not step.rebuild}


def test_nothing_is_passed_at_the_start(followed: Followed) -> None:
    assert followed[0][3] == set()


def test_what_one_should_see_is_seen(followed: Followed) -> None:
    for step, seen, printed, _ in followed:
        words = [" ".join(line.split()) for line in printed.splitlines()]
        missing = [line for line in seen if not any(" ".join(line.split()) in other for other in words)]
        assert not missing, (step, missing, printed)


def test_no_command_complains(followed: Followed) -> None:
    for _, _, printed, _ in followed:
        for word in ("ERROR", "fatal:", "Traceback", "command not found"):
            assert word not in printed
