"""A task's README, followed word for word in a fresh clone: commands typed, files written, programs started."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from checks.core.selection import Selection
from checks.model import Outcome
from checks.selftest.build import EXAMPLE_LEARNER, clone_course, environment
from checks.selftest.walkthrough import FIRST, Action, Replaced, Section, Seen, Served, Typed, Written, sections
from checks.submissions.check import check_submission

if TYPE_CHECKING:
    from checks.core.course import Course
    from checks.core.task import Task

ANSWERS = f"{EXAMPLE_LEARNER.id}\n{EXAMPLE_LEARNER.name}\n".encode()
"""The answers where `mlsd start` asks who the learner is."""
COMPLAINT = re.compile(
    r"^sh: |ERROR|error: |fatal: |Traceback|not found|not a git command|[uU]sage: |Error response|failed: "
)
"""Words that no command of a README may print."""
START = 300
"""Seconds until a program that was started answers, at most."""
_VARIES = re.compile(r"\b[0-9a-f]{7,64}\b|\d+\.\d+(?:e-?\d+)?")
"""Hashes, and numbers with a fraction: each learner's own."""
_PORT = re.compile(r"--port (\d+)")
_PIN = re.compile(r"^( *- )([\w-]+)=\S+$", re.MULTILINE)


@dataclass(slots=True)
class _Terminal:
    """Where a learner types: the clone, the folder, and what was printed since the section began."""

    clone: Path
    folder: Path
    variables: Mapping[str, str]
    printed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def follow(course: Course, task: Task, clone: Path, *, rebuild: bool) -> Iterator[str]:
    """Follow the README in the new folder `clone`; each way in which it does not lead where it says, in one sentence.

    Without `rebuild`, blocks that ask for one are left out.
    """
    clone_course(course, clone)
    done: list[str] = []
    with environment() as variables:
        terminal = _Terminal(clone, clone, variables)
        for section in sections((task.path / "README.md").read_text(encoding="utf-8")):
            terminal.printed.clear()
            _do(_on_a_free_port(section), terminal, rebuild=rebuild)
            done += [section.step] if section.step else []
            faults = [*terminal.faults, *_out_of_step(course, task, clone, section, done)]
            yield from (f"README, {section.title!r}: {fault}" for fault in faults)
            if faults:
                return


def _do(section: Section, terminal: _Terminal, *, rebuild: bool) -> None:
    """Everything of a section, in order, until something goes wrong."""
    left_out = False
    with ExitStack() as running:
        for action in section.actions:
            if isinstance(action, Typed):
                left_out = not rebuild and "--rebuild" in action.text
                if not left_out:
                    _type(action, terminal)
            elif isinstance(action, Served):
                running.enter_context(_served(action.command, terminal))
            elif isinstance(action, Written):
                text = _as_shown(action.text, terminal.printed) if action.as_shown else action.text
                (terminal.folder / action.name).write_text(text, encoding="utf-8", newline="\n")
            elif isinstance(action, Replaced):
                _replace(action, terminal)
            elif left_out:
                continue
            elif missing := _unseen(action, terminal.printed):
                printed = "\n".join(terminal.printed[-30:])
                terminal.faults.append(f"one should see {missing!r}, and sees\n{printed}")
            if terminal.faults:
                return


def _type(action: Typed, terminal: _Terminal) -> None:
    """As a learner's shell: a command that ends with a difference stops nothing, and the next block goes on there."""
    folder = terminal.clone if action.at_root else terminal.folder
    done = subprocess.run(
        ["sh", "-c", f"{action.text}\npwd"],
        cwd=folder,
        env=terminal.variables,
        input=ANSWERS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    *lines, last = done.stdout.decode("utf-8", "replace").splitlines() or [""]
    terminal.printed += lines
    terminal.faults += [f"a command complains: {line}" for line in lines if COMPLAINT.search(line)]
    if not Path(last).is_dir():
        terminal.faults.append(f"the shell ended at {last!r} in these commands:\n{action.text}")
    elif not action.at_root or Path(last) != terminal.clone:
        terminal.folder = Path(last)


def _replace(action: Replaced, terminal: _Terminal) -> None:
    script = terminal.folder / action.name
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True) if script.is_file() else []
    places = [place for place, line in enumerate(lines) if line.strip().startswith(action.line)]
    if len(places) != 1:
        terminal.faults.append(f"{action.name} has {len(places)} lines that begin with {action.line!r}, not one")
        return
    lines[places[0] : places[0] + action.count] = [action.text]
    script.write_text("".join(lines), encoding="utf-8", newline="\n")


def _as_shown(text: str, printed: list[str]) -> str:
    """The file with the versions that conda's solver has printed, such as `- conda-forge/noarch::pip==25.3=py_0`."""

    def pin(match: re.Match[str]) -> str:
        version = re.search(rf"::{re.escape(match[2])}==([^=\s]+)=", "\n".join(printed))
        return f"{match[1]}{match[2]}={version[1]}" if version else match[0]

    return _PIN.sub(pin, text)


def _unseen(action: Seen, printed: list[str]) -> str | None:
    """The first line that one should see and does not."""
    seen = [_VARIES.sub("*", " ".join(line.split())) for line in printed]
    for line in action.lines:
        parts = [re.escape(part) for part in _VARIES.sub("*", " ".join(line.split())).split("...")]
        wanted = re.compile(".*".join(parts))
        if not any(wanted.search(other) for other in seen):
            return line
    return None


def _out_of_step(course: Course, task: Task, clone: Path, section: Section, done: list[str]) -> Iterator[str]:
    """The steps that should be passed now and are not; after the set-up, those that are passed already."""
    report = check_submission(course, clone, [Selection(task)])
    for result in report.steps:
        name = result.step.partition("/")[2]
        passed = result.outcome is Outcome.PASSED
        if passed and section.title == FIRST:
            yield f"{result.step} is passed before anything was done"
        if not passed and name in done and not task.step(name).rebuild:
            yield f"{result.step} is {result.outcome} when its section is done: {result.found or result.reason}"


def _on_a_free_port(section: Section) -> Section:
    """The section with another port, wherever it names the one on which its program listens."""
    ports = [
        match[1] for action in section.actions if isinstance(action, Served) for match in _PORT.finditer(action.command)
    ]
    if not ports:
        return section
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return replace(section, actions=[_with_port(action, ports[0], port) for action in section.actions])


def _with_port(action: Action, told: str, port: str) -> Action:
    if isinstance(action, Served):
        return replace(action, command=action.command.replace(told, port))
    if isinstance(action, Typed | Written):
        return replace(action, text=action.text.replace(told, port))
    return action


@contextmanager
def _served(command: str, terminal: _Terminal) -> Iterator[None]:
    """The program, as soon as it answers; in the end it is stopped, with everything that it started."""
    log = terminal.clone / ".mlsd" / "second-terminal.log"
    log.parent.mkdir(exist_ok=True)
    port = _PORT.search(command)
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=terminal.folder,
            env=terminal.variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + START
        while port and not _answers(f"http://127.0.0.1:{port[1]}/"):
            if process.poll() is not None or time.monotonic() > end:
                tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
                terminal.faults.append(f"`{command}` does not answer:\n{tail}")
                break
            time.sleep(0.2)
        yield
    finally:
        if process.poll() is None:
            if os.name == "nt":
                process.terminate()
            else:
                os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - our own server, by a fixed address
    except urllib.error.HTTPError as error:
        error.close()  # an answer all the same
    except OSError:
        return False
    return True
