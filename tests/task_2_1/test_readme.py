"""The README of task 2.1, followed word for word in a fresh clone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
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
SHELL = re.compile(r"^```shell\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""What runs until it is stopped, in a second terminal."""
EDIT = re.compile(
    r"[Ii]n the place of `(?P<line>[^`]+)`(?P<below> and of the line below it)?:\n\n```python\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ANSWERS = b"ada@example.org\nAda Example\n"
NUMBER = re.compile(r"\d+\.\d+|\b[0-9a-f]{40}\b")


@dataclass(frozen=True)
class Section:
    """A part of the README: the edits of track.py in it, the commands, and the lines that one should see."""

    step: str | None
    edits: tuple[re.Match[str], ...]
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
        found.append(Section(marker[1] if marker else None, tuple(EDIT.finditer(part)), commands, seen))
    return found


def edit(script: Path, change: re.Match[str]) -> None:
    """Put the code of the README in the place of the line that it names."""
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = [place for place, line in enumerate(lines) if line.strip().startswith(change["line"])]
    lines[at : at + (2 if change["below"] else 1)] = [change["code"]]
    script.write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def followed(
    course: Course, task: Task, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[Section, str, set[str]]]]:
    """The clone, and each section, what its commands printed, and the steps that were passed then."""
    clone = tmp_path_factory.mktemp("readme") / "clone"
    clone_course(course, clone)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    folder = clone
    done = []
    for section in sections((task.path / "README.md").read_text(encoding="utf-8")):
        for change in section.edits:
            edit(folder / "track.py", change)
        run = subprocess.run(
            ["sh", "-c", f"{section.commands}\npwd"], cwd=folder, env=environment, input=ANSWERS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
        )  # fmt: skip
        *lines, last = run.stdout.decode().splitlines()
        folder = Path(last)
        report = grade_path(course, clone, [Selection(task)])
        passed = {step.step.removeprefix("2.1/") for step in report.steps if step.outcome is Outcome.PASSED}
        done.append((section, "\n".join(lines), passed))
    return clone, done


def test_each_step_turns_green_when_it_is_done_and_not_before(followed, task: Task) -> None:
    names = [step.name for step in task.steps]
    assert [section.step for section, _, _ in followed[1]] == [None, *names]
    for count, (_, output, passed) in enumerate(followed[1]):
        assert passed == set(names[:count]) - {"truth"}, output


def test_what_one_should_see_is_seen(followed) -> None:
    """Numbers and ids are each learner's own."""
    for section, output, _ in followed[1]:
        seen = [NUMBER.sub("*", line) for line in output.splitlines()]
        missing = [
            line for line in section.expected if not any(other.endswith(NUMBER.sub("*", line)) for other in seen)
        ]
        assert not missing, (section.step, output)


def test_no_command_complains(followed) -> None:
    for _, output, _ in followed[1]:
        for word in ("ERROR", "fatal:", "Traceback", "command not found"):
            assert word not in output


def test_the_finished_script_is_the_solution(followed, task: Task) -> None:
    script = (followed[0] / task.folder / "track.py").read_text(encoding="utf-8")
    assert script == (task.path / "solution/track.py").read_text(encoding="utf-8")


def test_the_pages_show_the_runs(followed, task: Task, served) -> None:
    command, _server = SHELL.findall((task.path / "README.md").read_text(encoding="utf-8"))
    assert command.startswith("mlflow ui")
    address = served(command, followed[0] / task.folder)
    with urllib.request.urlopen(address, timeout=30) as page:
        assert b"MLflow" in page.read()
    question = urllib.request.Request(
        f"{address}/ajax-api/2.0/mlflow/runs/search",
        json.dumps({"experiment_ids": ["1"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(question, timeout=30) as answer:
        runs = json.load(answer)["runs"]
    assert [run["info"]["run_name"] for run in runs] == ["first forecast"] * 6
