"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import Mistake, load_mistakes
from tests.some_mistakes import some_of_each_step

TASK = load_course().task("3.2")
GROUPS = re.split(r"^# \d+\. .*$", (TASK.path / "solution/solve.sh").read_text(), flags=re.MULTILINE)[1:]
PASSED, FAILED, BLOCKED, UNAVAILABLE = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNAVAILABLE
AFTER = [
    [FAILED, FAILED, BLOCKED, BLOCKED, BLOCKED],
    [PASSED, FAILED, BLOCKED, BLOCKED, BLOCKED],
    [PASSED, PASSED, FAILED, FAILED, BLOCKED],
    [PASSED, PASSED, PASSED, FAILED, BLOCKED],
    [PASSED, PASSED, PASSED, PASSED, UNAVAILABLE],
]
"""The outcomes after each group of the solution's commands."""
REPLACE = re.compile(r"\(in (?P<file>\S+), write `(?P<new>[^`]+)` in place of `(?P<old>[^`]+)`\)")
DELETE = re.compile(r"\(in (?P<file>\S+), delete the line (?:of|that begins with) `?(?P<what>[^`)]+)`?\)")
ADD = re.compile(r"\(in (?P<file>\S+), add the line `(?P<line>[^`]+)` below `dependencies:`\)")
NAME = re.compile(r"\(in (?P<file>\S+), write `(?P<line>name: [^`]+)`\)")
NEEDS_A_HUMAN = {"lock-edited-by-hand": "environment.yml asks for a version that no channel has"}


def test_solution_step_by_step(begun, solution_of) -> None:
    solution_of(begun.task)  # without conda there is none, and this is skipped
    assert [result.outcome for result in begun.results().values()] == AFTER[0]
    for commands, outcomes in zip(GROUPS, AFTER[1:], strict=True):
        begun.sh(commands)
        results = begun.results()
        assert [result.outcome for result in results.values()] == outcomes
        assert sum(result.points for result in results.values()) == 2 * outcomes.count(PASSED)


def edit(folder: Path, line: str) -> None:
    """What a person does who is told in parentheses to change a file."""
    for pattern in (REPLACE, DELETE, ADD, NAME):
        match = pattern.fullmatch(line)
        if match is None:
            continue
        file = folder / match["file"]
        text = file.read_text()
        if pattern is REPLACE:
            text = text.replace(f"- {match['old']}\n", f"- {match['new']}\n")
        elif pattern is DELETE:
            text = "".join(one for one in text.splitlines(True) if not one.strip(" -").startswith(match["what"]))
        elif pattern is ADD:
            text = text.replace("dependencies:\n", f"dependencies:\n  {match['line']}\n")
        else:
            text = re.sub(r"^name: .*$", match["line"], text, flags=re.MULTILINE)
        file.write_text(text)
        return
    raise AssertionError(line)


@pytest.mark.parametrize("mistake", some_of_each_step(load_mistakes(TASK)), ids=lambda mistake: mistake.name)
def test_what_comes_next_mends_a_mistake(mistaken, mistake: Mistake) -> None:
    clone = mistaken(mistake)
    if mistake.name in NEEDS_A_HUMAN:
        clone.sh("sed -i 's/2.3.4/2.3.5/' environment.yml; git commit -qam 'A version that there is'")
    assert clone.follow(by_hand=partial(edit, clone.folder))[0] == mistake.step
    clone.passes()
