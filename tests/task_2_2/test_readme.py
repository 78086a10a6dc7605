"""The README of task 2.2, followed word for word in a fresh clone, its folded blocks too."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.course.course import Course
from checks.course.task import Task
from checks.grading.grade import grade_path
from checks.grading.selection import Selection
from checks.model import Outcome
from checks.selftest.build import clone_course

BLOCK = re.compile(
    r"(?:^`(?P<name>[\w.]+)`[^\n]*:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
SERVER = re.compile(r"^mlflow models serve .* --port 5001$")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ANSWERS = b"ada@example.org\nAda Example\n"
START = 300
"""Seconds until a server answers, at most."""


@dataclass(frozen=True)
class Section:
    """A part of the README: files to write and commands, in order, and the lines that one should see."""

    step: str | None
    actions: tuple[tuple[str | None, str], ...]
    expected: tuple[str, ...]


def sections(readme: str) -> list[Section]:
    """Set-up and steps, in order."""
    body = readme[readme.index("\n## Set up") : readme.index("\n## Check your work")]
    found = []
    for part in re.split(r"^### ", body, flags=re.MULTILINE):
        marker = re.search(r"<!-- step: (\w+) -->", part)
        blocks = list(BLOCK.finditer(part))
        actions = tuple((block["name"], block["text"]) for block in blocks if block["name"] or block["kind"] == "sh")
        seen = tuple(line for block in blocks if block["kind"] == "text" for line in block["text"].splitlines())
        found.append(Section(marker[1] if marker else None, actions, seen))
    return found


@contextmanager
def server(command: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The server of the README on a free port; its process group is ended, whatever happens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            command.replace("5001", port).split(), cwd=folder, env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + START
        while not answers(f"http://127.0.0.1:{port}/ping"):
            assert process.poll() is None, (folder / "serve.log").read_text()
            assert time.monotonic() < end, (folder / "serve.log").read_text()
            time.sleep(0.3)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=START)
        (folder / "serve.log").unlink()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def follow(section: Section, folder: Path, environment: dict[str, str]) -> tuple[str, Path]:
    """Write the section's files and type its commands; what they printed, and the folder where the last one ended."""
    output = ""
    for place, (name, text) in enumerate(section.actions):
        if name:
            (folder / name).write_text(text, encoding="utf-8")
        elif SERVER.match(text.strip()):
            with server(text.strip(), folder, environment) as port:
                rest = tuple((n, t.replace("ask.py\n", f"ask.py {port}\n", 1)) for n, t in section.actions[place + 1 :])
                more, folder = follow(Section(section.step, rest, ()), folder, environment)
            return output + more, folder
        else:
            run = subprocess.run(
                ["sh", "-c", f"{text}\npwd"], cwd=folder, env=environment, input=ANSWERS, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, check=True,
            )  # fmt: skip
            *lines, last = run.stdout.decode().splitlines()
            output, folder = output + "\n".join(lines) + "\n", Path(last)
    return output, folder


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
        output, folder = follow(section, folder, environment)
        report = grade_path(course, clone, [Selection(task)])
        passed = {step.step.removeprefix("2.2/") for step in report.steps if step.outcome is Outcome.PASSED}
        done.append((section, output, passed))
    return done


def test_each_step_turns_green_when_it_is_done_and_not_before(followed, task: Task) -> None:
    names = [step.name for step in task.steps]
    assert [section.step for section, _, _ in followed] == [None, *names]
    for count, (_, output, passed) in enumerate(followed):
        assert passed == set(names[:count]), output


def test_what_one_should_see_is_seen(followed) -> None:
    """Numbers are the learner's own: what is seen is compared without them."""
    for section, output, _ in followed:
        seen = [NUMBER.sub("*", line) for line in output.splitlines()]
        missing = [line for line in section.expected if not any(NUMBER.sub("*", line) in other for other in seen)]
        assert not missing, (section.step, output)


def test_no_command_complains(followed) -> None:
    for _, output, _ in followed:
        for word in ("ERROR", "fatal:", "Traceback", "command not found"):
            assert word not in output


def test_the_folded_blocks_are_the_solution(task: Task) -> None:
    """One solution, told twice."""
    readme = (task.path / "README.md").read_text(encoding="utf-8")
    told = {block["name"]: block["text"] for block in BLOCK.finditer(readme) if block["name"]}
    for name in ("tune.py", "register.py", "promote.py", "ask.py", "MLproject"):
        assert told[name] == (task.path / "solution" / name).read_text(encoding="utf-8"), name


def test_the_environment_that_is_shown_is_the_one_of_the_course(course: Course, task: Task) -> None:
    """Versions in a text grow old in silence."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (course.path / "requirements.lock").read_text(), re.MULTILINE))
    readme = (task.path / "README.md").read_text(encoding="utf-8")
    told = next(block["text"] for block in BLOCK.finditer(readme) if block["name"] == "python_env.yaml")
    pins = dict(re.findall(r"- ([\w-]+)==(\S+)", told))
    assert pins == {name: locked[name] for name in ("mlflow", "pandas", "scikit-learn", "skops")}
