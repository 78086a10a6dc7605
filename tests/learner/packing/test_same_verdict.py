"""What is handed in is judged as the clone that it came from: every task, solution and mistakes, with the real tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.core.course import Course, load_course
from checks.core.selection import select
from checks.core.task import Task
from checks.learner.packing.submission import Packed, pack
from checks.model import StepResult, SubmissionReport
from checks.selftest import build
from checks.selftest.mistake import find_mistake
from checks.submissions.check import check_submission
from checks.submissions.submission import open_submission

TASKS = [task.id for task in load_course().tasks]
MISTAKES = {
    "1.1": ["working-file-stale", "remote-object-damaged", "tag-on-another-branch"],
    "1.2": ["lock-not-committed"],
    "2.1": ["model-file-deleted"],
    "2.2": ["champion-is-second"],
    "3.1": ["run-once"],
    "3.2": ["pip-install-later"],
}


def _judged(course: Course, task: Task, path: Path) -> SubmissionReport:
    report = check_submission(course, path, select(course, [task.id]))
    assert report.problem is None, report.problem
    return report


def _verdicts(report: SubmissionReport) -> list[tuple[object, ...]]:
    def words(step: StepResult) -> tuple[object, ...]:
        return step.step, step.outcome, step.looked_at, step.expected, step.found, step.fix, step.reason

    return [words(step) for step in report.steps]


def _hand_in(course: Course, clone: Path, archive: Path) -> Packed:
    packed = pack(course, clone, archive)
    with open_submission(course, archive) as opened:
        assert opened.manifest_faults == ()
    return packed


@pytest.mark.parametrize("number", TASKS)
def test_solution(number: str, course: Course, solution_of: Callable[[Task], Path], tmp_path: Path) -> None:
    task = course.task(number)
    clone, archive = solution_of(task), tmp_path / "ada.tar.gz"
    packed = _hand_in(course, clone, archive)
    assert packed.manifest.tasks == (number,)
    before, after = _judged(course, task, clone), _judged(course, task, archive)
    assert before.score == before.max_score > 0
    assert _verdicts(after) == _verdicts(before)
    assert (after.learner, after.commit) == (before.learner, before.commit)


@pytest.mark.parametrize(("number", "mistake"), [(number, name) for number in MISTAKES for name in MISTAKES[number]])
def test_mistake(
    number: str, mistake: str, course: Course, solution_of: Callable[[Task], Path], tmp_path: Path
) -> None:
    task = course.task(number)
    build.make_mistake(course, task, find_mistake(task, mistake), tmp_path / "clone", solution_of(task))
    _hand_in(course, tmp_path / "clone", tmp_path / "ada.tar.gz")
    before, after = _judged(course, task, tmp_path / "clone"), _judged(course, task, tmp_path / "ada.tar.gz")
    assert before.score < before.max_score
    assert [(step.step, step.outcome) for step in after.steps] == [(step.step, step.outcome) for step in before.steps]
