"""A checker that breaks, ends its process or never ends costs nobody else a grade."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from checks import limits
from checks.core.course import load_course
from checks.core.selection import select
from checks.grading.cohort import Cohort, find_submissions
from checks.grading.job import Assignment, Job, Judged, failed
from checks.grading.journal import Journal
from checks.model import SubmissionReport
from tests.grading.small_class import hand_in, judged
from tests.grading.test_resume import call


def grade(course: Path, submissions: Path, out: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and the rows by name."""
    done = subprocess.run(call(course, submissions, out), capture_output=True, timeout=300, check=False)
    assert b"Traceback" not in done.stderr
    rows = json.loads((out / "results.json").read_bytes())["submissions"]
    return done.returncode, {row["submission"]: row for row in rows}


def outcomes(row: dict[str, Any]) -> list[str]:
    """How the steps came out."""
    return [step["outcome"] for task in row["tasks"] for step in task["steps"]]


def test_a_checker_that_raises_is_our_error(course_folder: Path, tmp_path: Path) -> None:
    words = {"ada": "good", "bob": "raise", "cyd": "bad", "dan": "system exit"}
    code, rows = grade(course_folder, hand_in(tmp_path / "class", **words), tmp_path / "out")
    assert code == 3
    assert outcomes(rows["ada"]) == ["passed"] * 3
    assert outcomes(rows["cyd"]) == ["failed", "blocked", "passed"]
    for name in ("bob", "dan"):
        assert outcomes(rows[name]) == ["error", "unavailable", "passed"]
        assert (rows[name]["score"], rows[name]["max_score"], rows[name]["total"]) == (1, 1, 4)
        assert "this is not your fault" in rows[name]["tasks"][0]["steps"][0]["reason"]


def test_a_crash_costs_nobody_else_anything(course_folder: Path, tmp_path: Path) -> None:
    """A class of many goes on as before: whoever was in flight beside it is judged once."""
    words = {f"s{number:02}": "exit" if number in (0, 5, 17) else "good" for number in range(40)}
    with Journal(tmp_path / "results.jsonl") as journal:
        rows = judged(load_course(course_folder), hand_in(tmp_path / "class", **words), journal)
    crashed = dict.fromkeys(("s00", "s05", "s17"), "crashed")
    assert {name: row.problem.kind for name, row in rows.items() if row.problem} == crashed
    assert {row.score for row in rows.values() if not row.problem} == {4}
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == len(words)


class BusyPool:
    """A pool on a machine that has time for one submission: two at once are too slow."""

    in_flight = 2

    def __init__(self) -> None:
        self.running: list[tuple[Job, Future[Judged]]] = []
        self.submitted: list[str] = []

    def submit(self, job: Job) -> Future[Judged]:
        future: Future[Judged] = Future()
        self.submitted.append(job.submission.name)
        self.running = [pair for pair in self.running if not pair[1].done()] + [(job, future)]
        if len(self.running) == self.in_flight:
            for late, result in self.running:
                result.set_result(failed(late.submission, "too-slow", "it is slow"))
        elif len(self.submitted) > 4:
            future.set_result(Judged(SubmissionReport(job.submission.name)))
        return future


def test_what_is_too_slow_beside_others_is_judged_again_alone(course_folder: Path, tmp_path: Path) -> None:
    words = dict.fromkeys(("ada", "bob", "cyd", "dan"), "good")
    assignment = Assignment(course := load_course(course_folder), select(course, []))
    pool = BusyPool()
    with Journal(tmp_path / "results.jsonl") as journal:
        cohort = Cohort(assignment, {"1.1": "key"}, pool, journal)
        assert [*cohort.grade(find_submissions(hand_in(tmp_path / "class", **words)))] == [True] * 4
        assert [journal.problem(name) for name in words] == [None] * 4
    assert sorted(pool.submitted[4:]) == [*words]


def test_who_never_ends_is_ended(course_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SUBMISSION_SECONDS", 0.1)
    course = load_course(course_folder)
    words = {"ada": "good", "bob": "endless", "cyd": "stuck", "dan": "good"}
    with Journal(tmp_path / "results.jsonl") as journal:
        rows = judged(course, hand_in(tmp_path / "class", **words), journal)
    assert rows["ada"].score == rows["dan"].score == 4
    problems = [row.problem.kind for row in (rows["bob"], rows["cyd"]) if row.problem]
    assert problems == ["too-slow", "crashed"]
