"""The README of task 3.2, followed word for word in a fresh clone."""

from __future__ import annotations

import os
import platform
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
from checks.selftest.needs import missing_tool

BLOCK = re.compile(
    r"^(?:`(?P<file>[\w./]+)`,[^\n]*\n\n)?```(?P<kind>sh|text|yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
PYTHON = re.compile(r"(?<=python=)3\.11\.\d+")
ANSWERS = b"ada@example.org\nAda Example\n"


@dataclass(frozen=True)
class Section:
    """A part of the README: what to type and which files to write, in order, and the lines that one should see."""

    step: str | None
    script: str
    expected: tuple[str, ...]


def sections(readme: str) -> list[Section]:
    """Set-up and steps, in order. A file's finished content is written where the README shows it."""
    body = readme[readme.index("\n## Set up") : readme.index("\n## Check your work")]
    found = []
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        marker = re.search(r"<!-- step: (\w+) -->", part)
        script, seen = "", []
        for match in BLOCK.finditer(part):
            if match["kind"] == "sh":
                script += match["text"]
            elif match["kind"] == "yaml":
                # The channel of the tests has the Python of this machine, whichever 3.11 that is.
                content = PYTHON.sub(platform.python_version(), match["text"])
                script += f"cat > {match['file']} <<'END'\n{content}END\n"
            else:
                seen += match["text"].splitlines()
        found.append(Section(marker[1] if marker else None, script, tuple(seen)))
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
    for section in sections((task.path / "README.md").read_text(encoding="utf-8")):
        script = f"{section.script}\npwd"  # a learner's shell goes on where the last command left it
        run = subprocess.run(
            ["sh", "-c", script], cwd=folder, env=environment, input=ANSWERS, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=True,
        )  # fmt: skip
        *lines, last = run.stdout.decode().splitlines()
        folder = Path(last)
        report = grade_path(course, clone, [Selection(task)])
        passed = {step.step.removeprefix("3.2/") for step in report.steps if step.outcome is Outcome.PASSED}
        done.append((section, "\n".join(lines), passed))
    return done


def test_each_step_turns_green_when_it_is_done_and_not_before(followed, task: Task) -> None:
    names = [step.name for step in task.steps]
    judged = [step.name for step in task.steps if not step.rebuild]
    assert [section.step for section, _, _ in followed] == [None, *names]
    for count, (_, output, passed) in enumerate(followed):
        assert passed == set(judged[:count]), output


def test_what_one_should_see_is_seen(followed) -> None:
    for section, output, _ in followed:
        seen = output.splitlines()
        missing = [line for line in section.expected if not any(other.endswith(line) for other in seen)]
        assert not missing, (section.step, output)


def test_training_again_changes_nothing(followed) -> None:
    """`git status` of step 5 prints no line behind what train.py said."""
    *_, (section, output, _) = followed
    assert section.step == "recreate"
    assert output.splitlines()[-1] == "written: metrics.json"


def test_no_command_complains(followed) -> None:
    for _, output, _ in followed:
        for word in ("ERROR", "fatal:", "Traceback", "command not found"):
            assert word not in output
