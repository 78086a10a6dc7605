"""Every hostile submission of the corpus: graded, explained, nothing run, nothing outside touched or read."""

from __future__ import annotations

from pathlib import Path

from checks.core.course import Course
from checks.core.selection import select
from checks.grading.job import Assignment, judge
from checks.model import Outcome, SubmissionReport
from tests import golden
from tests.grading.ground import Attack, forget_reading, lay_ground, read_files, untouched


def test_attack(attack: Attack, course: Course, base: Path, tmp_path: Path, reading_shows: bool) -> None:
    at = lay_ground(tmp_path, base, attack.folder_name or "clone")
    attack.build(at)
    outside = untouched(at.outside)
    inside = untouched(at.folder)
    forget_reading(at.outside)

    report = judge(Assignment(course, select(course, [])), at.folder).report

    read = read_files(at.outside) if reading_shows else []
    golden.hold(report)
    expect_verdict(report, attack)
    assert report.submission == at.folder.name
    assert not read, "files of somebody else were read"
    assert not at.marker.exists(), "something of the submission was run"
    assert untouched(at.outside) == outside
    assert untouched(at.folder) == inside
    assert {entry.name for entry in tmp_path.iterdir()} == {"outside", "class"}


def expect_verdict(report: SubmissionReport, attack: Attack) -> None:
    """The report says what the attack's author announced."""
    if attack.problem:
        assert report.problem is not None
        assert report.problem.kind == attack.problem
        assert attack.says in report.problem.detail
        return
    assert report.problem is None
    assert Outcome.ERROR not in {step.outcome for step in report.steps}, report.steps
    # The other tasks were not begun: they are there to meet the same hostile files.
    first = next((step for step in report.tasks[0].steps if step.outcome is not Outcome.PASSED), None)
    assert (first.step.partition("/")[2] if first else None) == attack.step, first
    if first:
        said = " ".join(filter(None, (first.looked_at, first.expected, first.found, first.reason)))
        assert attack.says in said
        assert len(said) < 4000
