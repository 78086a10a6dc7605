"""The pytest door: the verdicts and the words of `mlsd check`, in a real pytest process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.core.course import Course, load_course
from checks.core.selection import Selection
from checks.model import Outcome
from checks.reports import terminal
from checks.selftest.build import make_mistake
from checks.selftest.mistake import Mistake, load_mistakes
from checks.submissions.check import check_submission

TASK = load_course().task("1.1")
PYTEST = shutil.which("pytest", path=os.path.dirname(sys.executable)) or "pytest"
COURSE_FILES = [f"{TASK.folder}/test_task.py", f"{TASK.folder}/task.toml", "pyproject.toml"]


@dataclass(frozen=True)
class Session:
    """A pytest run that is over: its exit code, what it printed, and each test's outcome with its words."""

    code: int
    output: str
    tests: dict[str, tuple[str, str]]


def run_pytest(root: Path, *arguments: str) -> Session:
    """Run pytest at the root of a clone, as a learner does."""
    report = root.parent / "junit.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [PYTEST, *arguments, "-p", "no:cacheprovider", f"--junitxml={report}"],
        cwd=root,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    tests = {}
    for case in ET.parse(report).iter("testcase") if report.is_file() else ():
        verdict = next((child for child in case if child.tag in ("failure", "skipped", "error")), None)
        words = "" if verdict is None else f"{verdict.get('message')}\n{verdict.text}"
        tests[str(case.get("name"))] = ("passed" if verdict is None else verdict.tag, words)
    return Session(done.returncode, done.stdout + done.stderr, tests)


def with_the_course_as_it_is(course: Course, clone: Path) -> Path:
    """The clone with the checker of this working tree, where the author has not committed it yet."""
    for path in COURSE_FILES:
        shutil.copyfile(course.path / path, clone / path)
    return clone


def agree(course: Course, clone: Path) -> Session:
    """Both doors give the same verdicts, in the same words."""
    with_the_course_as_it_is(course, clone)
    results = check_submission(course, clone, [Selection(TASK)]).steps
    session = run_pytest(clone, TASK.folder)
    assert list(session.tests) == [f"test_{result.step.partition('/')[2]}" for result in results], session.output
    for result, (outcome, words) in zip(results, session.tests.values(), strict=True):
        assert outcome == _PYTEST_WORD[result.outcome], (result, words)
        if result.outcome is Outcome.FAILED:
            assert terminal.render_step(result, color=False).strip() in words
        elif result.outcome is not Outcome.PASSED:
            assert f"{result.outcome}: {result.reason}" in words
    assert session.code == (1 if any(result.outcome is Outcome.FAILED for result in results) else 0)
    assert f"score {sum(result.points for result in results):g} / " in session.output
    next_one = next((result for result in results if result.outcome is Outcome.FAILED), None)
    done = all(result.outcome is Outcome.PASSED for result in results)
    end = f"Next: {next_one.step}" if next_one else "Every step passed." if done else "No step failed, but"
    assert end in session.output
    return session


_PYTEST_WORD = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failure",
    Outcome.BLOCKED: "skipped",
    Outcome.UNAVAILABLE: "skipped",
}


def test_doors_agree_on_the_solution(course: Course, solved: Path) -> None:
    assert "score 10 / 10" in agree(course, solved).output


def test_doors_agree_on_the_starter(course: Course, fresh: Path) -> None:
    session = agree(course, fresh)
    assert "score 0 / 10" in session.output
    assert "dvc init --subdir" in session.output


@pytest.mark.parametrize("mistake", load_mistakes(TASK)[::8], ids=lambda mistake: mistake.name)
def test_doors_agree_on_a_mistake(course: Course, solution: Path, tmp_path: Path, mistake: Mistake) -> None:
    make_mistake(course, TASK, mistake, tmp_path / "clone", solution)
    session = agree(course, tmp_path / "clone")
    assert session.tests[f"test_{mistake.step}"][0] == "failure"


def test_several_processes_say_the_same_in_the_task_s_order(course: Course, solved: Path) -> None:
    with_the_course_as_it_is(course, solved)
    (solved / TASK.folder / "data/rentals.csv").unlink()
    alone, two = run_pytest(solved, TASK.folder), run_pytest(solved, TASK.folder, "-n", "2")
    assert {name: outcome for name, (outcome, _) in two.tests.items()} == {
        name: outcome for name, (outcome, _) in alone.tests.items()
    }
    summaries = [session.output.partition("= task 1.1 =")[2].partition("Next:")[0] for session in (alone, two)]
    assert summaries[0].strip("=\n") == summaries[1].strip("=\n")
    assert re.findall(r" (1\.1/\w+) ", summaries[1]) == [f"1.1/{step.name}" for step in TASK.steps]


def test_one_step_alone_is_judged_with_what_it_needs(course: Course, solved: Path, fresh: Path) -> None:
    passed = run_pytest(with_the_course_as_it_is(course, solved), TASK.folder, "-k", "remote")
    assert (passed.code, passed.tests) == (0, {"test_remote": ("passed", "")})
    assert "score 2 / 2" in passed.output
    blocked = run_pytest(with_the_course_as_it_is(course, fresh), TASK.folder, "-k", "remote")
    assert blocked.tests["test_remote"][0] == "skipped"
    assert "blocked: it needs 1.1/tag first" in blocked.tests["test_remote"][1]


def test_checker_that_breaks_shows_its_traceback_and_is_no_zero(course: Course, solved: Path) -> None:
    checker = with_the_course_as_it_is(course, solved) / TASK.folder / "test_task.py"
    checker.write_text(
        checker.read_text().replace('@step("tag")', '@step("tag")\ndef test_broken(work):\n    1 / 0\n\n')
    )
    session = run_pytest(solved, TASK.folder)
    assert session.code == 1
    assert "ZeroDivisionError" in session.tests["test_broken"][1]
    assert "1 / 0" in session.tests["test_broken"][1]
    assert "! error" in session.output
    assert "score 5 / 5 verified, 10 in all" in session.output


ORDINARY = """
import pytest

@pytest.fixture
def answer():
    return 42

def test_plain(answer):
    assert answer == 42

@pytest.mark.parametrize("number", [1, 2])
def test_each(number):
    assert number

class TestClass:
    def test_method(self):
        pass

def test_fails():
    assert 1 == 2

def test_skips():
    pytest.skip("not today")

def test_what_was_loaded():
    import sys
    heavy = {"pygit2", "rich", "jinja2", "yaml", "typer", "mlflow", "dvc", "pandas", "checks.reports.terminal"}
    assert not heavy & set(sys.modules)
"""


def test_ordinary_tests_are_left_alone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "test_ordinary.py").write_text(ORDINARY)
    session = run_pytest(project, "-p", "no:hydra_pytest", "-p", "no:hypothesispytest")
    outcomes = {name: outcome for name, (outcome, _) in session.tests.items()}
    assert outcomes == {
        "test_plain": "passed",
        "test_each[1]": "passed",
        "test_each[2]": "passed",
        "test_method": "passed",
        "test_fails": "failure",
        "test_skips": "skipped",
        "test_what_was_loaded": "passed",
    }, session.tests
    assert session.code == 1
    assert "assert 1 == 2" in session.output
    assert "score" not in session.output
