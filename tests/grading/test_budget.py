"""The net below the readers' limits: time and memory that add up end one submission, and no other."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from checks import limits
from checks.core.course import Course
from checks.core.selection import select
from checks.grading.budget import OutOfTimeError, limited_memory, limited_time
from checks.grading.job import Assignment, judge
from tests.grading.ground import ATTACKS, lay_ground
from tests.grading.hostile_git import slow_history

STATUS = Path("/proc/self/status")


GRADE = """
import sys
from pathlib import Path
from checks import limits
from checks.core.course import load_course
from checks.grading.job import Assignment, judge
from checks.core.selection import select

limits.SUBMISSION_SECONDS = 4
course = load_course()
for path in sys.argv[1:]:
    report = judge(Assignment(course, select(course, [])), Path(path)).report
    print(f"{report.problem.kind}: {report.problem.detail}" if report.problem else report.score)
"""


def test_history_that_takes_too_long(base: Path, tmp_path: Path) -> None:
    at = lay_ground(tmp_path, base)
    slow_history(at)
    # As when grading, in a process of its own: what pytest's process remembers takes most of the time otherwise.
    command = [sys.executable, "-c", GRADE, str(at.folder), str(base / "clone")]
    slow, honest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert slow.startswith("too-slow: clone: reading it takes more than 4 seconds")
    assert honest == "10.0"


@pytest.mark.skipif(not STATUS.exists(), reason="memory is limited on Linux alone")
def test_memory_that_is_too_much(course: Course, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = lay_ground(tmp_path, base)
    ATTACKS["listing-of-a-million-lists"].build(at)
    monkeypatch.setattr(limits, "SUBMISSION_BYTES", 64 << 20)
    report = judge(Assignment(course, select(course, [])), at.folder).report
    assert report.problem is not None
    assert report.problem.kind == "too-large"
    assert judge(Assignment(course, select(course, [])), base / "clone").report.score == 10


def test_time_is_lifted_afterwards() -> None:
    with pytest.raises(OutOfTimeError):
        _spin(0.05)
    began = time.process_time()
    while time.process_time() < began + 0.2:
        pass


def _spin(seconds: float) -> None:
    with limited_time(seconds):
        while True:
            pass


@pytest.mark.skipif(not STATUS.exists(), reason="memory is limited on Linux alone")
def test_memory_is_lifted_afterwards() -> None:
    with pytest.raises(MemoryError), limited_memory(2 << 30):
        bytes(3 << 30)
    assert len(bytes(3 << 30)) == 3 << 30  # zeros that nobody wrote take no room
