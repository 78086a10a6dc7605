"""The corpus: a hostile submission is graded and explained, nothing is run, and nothing outside is touched or read.

An honest archive is as good as its folder; a hostile one is named, and nothing is written beside the scratch.
"""

from __future__ import annotations

import contextlib
import os
import random
import tarfile
import tempfile
from pathlib import Path

import pytest

from checks.core.course import Course
from checks.core.selection import select
from checks.grading.job import Assignment, judge
from checks.model import Outcome, SubmissionReport
from checks.submissions.archive import SubmissionProblem, extract
from checks.submissions.check import check_submission
from tests import golden
from tests.grading.archives import EMPTY, PACKED, Packed
from tests.grading.ground import SECRET, Attack, forget_reading, lay_ground, read_files, untouched


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


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that archives are unpacked below; `outside` is beside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_bytes(SECRET)
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("packed", PACKED.values(), ids=list(PACKED))
def test_archive(packed: Packed, course: Course, base: Path, scratch: Path) -> None:
    archive = scratch.parent / packed.name
    packed.build(archive, base / "clone")

    report = judge(Assignment(course, select(course, [])), archive).report
    golden.hold(report)

    if packed.problem == EMPTY:
        assert (report.problem, report.score) == (None, 0)
    elif packed.problem:
        assert report.problem is not None
        assert report.problem.kind in packed.problem.split(", "), report.problem
        assert packed.says in report.problem.detail
        assert str(scratch) not in report.problem.detail
    else:
        assert (report.problem, report.tasks[0].score, report.tasks[0].total) == (None, 10, 10)
    assert {path.name for path in scratch.parent.iterdir()} == {"outside", "scratch", packed.name}
    assert [path.name for path in (scratch.parent / "outside").iterdir()] == ["secret"]
    assert (scratch.parent / "outside/secret").read_bytes() == SECRET
    assert not list(scratch.iterdir())
    assert not Path("/tmp/mlsd-was-here").exists()


@pytest.mark.parametrize(
    "name", ["honest-with-top-folder.tar.gz", "honest-without-top-folder.tar", "zip-with-links.zip"]
)
def test_damage_anywhere_is_a_problem_of_the_archive(name: str, base: Path, scratch: Path) -> None:
    """Nothing but SubmissionProblem comes out, wherever a few bytes are wrong. Seeded, so that it is repeatable."""
    archive, chance = scratch / name, random.Random(name)
    PACKED[name].build(archive, base / "outside/other/.git/refs")
    honest = archive.read_bytes()
    for number in range(60):
        damaged = bytearray(honest)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.choice([0, 1, 0x30, 0x37, 0x7F, 0x80, 0xFF])
        archive.write_bytes(bytes(damaged))
        target = scratch / str(number)
        target.mkdir()
        with contextlib.suppress(SubmissionProblem):
            extract(archive, target)
    assert {path.name for path in scratch.parent.iterdir()} == {"outside", "scratch"}


def test_a_full_disk_is_our_trouble(course: Course, base: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = scratch.parent / "ada.tar"
    PACKED["honest-without-top-folder.tar"].build(archive, base / "clone")

    def full(self: Path, *arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    report = judge(Assignment(course, select(course, [])), archive).report
    monkeypatch.undo()
    golden.hold(report)
    assert report.problem is not None
    assert report.problem.kind == "error"
    assert "No space left" in report.problem.detail


def test_a_name_that_only_windows_refuses_is_honest_elsewhere(course: Course, tmp_path: Path, solution: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such names")
    archive = tmp_path / "ada.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(solution, "clone")
        tar.addfile(tarfile.TarInfo("clone/Screenshot 2026-11-23 at 10:15?.png"))
    report = check_submission(course, archive, select(course, []))
    golden.hold(report)
    assert report.problem is None
    assert report.score == 10
