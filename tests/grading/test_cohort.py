"""A class with the whole corpus in it: every row is there, the honest ones as if they were alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from checks import limits
from checks.core.course import OWN_COURSE, Course
from checks.core.selection import select
from checks.grading.cohort import find_submissions
from checks.model import Outcome, SubmissionReport
from checks.reports import results
from checks.submissions.check import check_submission
from tests import golden
from tests.grading.conftest import Judged
from tests.grading.ground import untouched

MEMORY = 500 << 20
HEAVY = (
    "commit-that-differs-little-from-3-gb",
    "data-of-5-gb",
    "hundred-thousand-names-in-zip.zip",
    "listing-of-a-million-lists",
    "loose-object-that-unpacks-to-4-gb",
    "pointer-with-260-000-values",
    "pointer-with-billion-laughs",
    "sparse-member.tar",
    "twenty-thousand-commits",
)
MEASURE = """
import re, sys
from pathlib import Path
from checks.core.course import load_course
from checks.grading.job import Assignment, judge
from checks.core.selection import select
course = load_course()
report = judge(Assignment(course, select(course, [])), Path(sys.argv[1])).report
status = Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else 0
print(report.problem.kind if report.problem else report.score, peak)
"""


@pytest.fixture(scope="module")
def rows(judged: Judged) -> dict[str, SubmissionReport]:
    """The class's rows."""
    report = results.load((judged.out / "results.json").read_text(encoding="utf-8"))
    return {row.submission: row for row in report.submissions}


def _timeless(row: SubmissionReport) -> SubmissionReport:
    tasks = tuple(replace(task, steps=tuple(replace(step, seconds=0.0) for step in task.steps)) for task in row.tasks)
    return replace(row, tasks=tasks, findings=())  # those come from the class that it is in


def test_the_call_ends_well(judged: Judged) -> None:
    said = (judged.place / "said").read_bytes()
    assert (judged.place / "code").read_text() == "0", said
    assert b"could not be read" in said
    assert b"\x1b" not in said


def test_nothing_was_run_and_nothing_changed(judged: Judged, base: Path) -> None:
    assert not (judged.place / "marker").exists()
    plain = {
        path: facts[0::3] for path, facts in untouched(base / "outside/other").items()
    }  # a copy has times of its own
    assert {path: facts[0::3] for path, facts in untouched(judged.place / "outside/other").items()} == plain
    assert {path.name for path in judged.place.iterdir()} == {"class", "outside", "out", "code", "said"}


def test_every_submission_has_a_row(judged: Judged, rows: dict[str, SubmissionReport]) -> None:
    assert sorted(rows) == [path.name for path in find_submissions(judged.folder)]
    assert len(rows) > len(judged.attacks) + len(judged.archives)
    assert Outcome.ERROR not in {step.outcome for row in rows.values() for step in row.steps}
    assert {row.problem.kind for row in rows.values() if row.problem}.isdisjoint({"error", "crashed", "too-slow"})


def test_every_attack_gets_the_verdict_that_it_gets_alone(judged: Judged, rows: dict[str, SubmissionReport]) -> None:
    """The recorded verdicts are those that `test_attack` and `test_archive` hold."""
    cases = {f"grading: test_attack[{attack.name}] #1": rows[name] for name, attack in judged.attacks.items()}
    cases |= {f"grading: test_archive[{name}] #1": rows[name] for name in judged.archives}
    golden.hold_all({case: golden.verdict(row) for case, row in cases.items()})


def test_honest_rows_are_as_if_they_were_alone(
    judged: Judged, rows: dict[str, SubmissionReport], course: Course
) -> None:
    honest = [name for name in rows if name.startswith("honest")]
    assert len(honest) == 13
    for name in honest:
        alone = check_submission(course, judged.folder / name, select(course, []))
        assert _timeless(rows[name]) == _timeless(alone)


def test_results_follow_the_published_schema(judged: Judged) -> None:
    schema = json.loads((OWN_COURSE / "checks/reports/results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((judged.out / "results.json").read_bytes()), schema)
    assert (judged.out / "results.json").stat().st_size < 6_000_000


def test_what_is_written_is_harmless(judged: Judged, rows: dict[str, SubmissionReport]) -> None:
    out = judged.out
    assert len(list((out / "feedback").iterdir())) == len(rows)
    for path in [out / "gradebook.csv", out / "index.html", out / "results.json", *(out / "feedback").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert not set(text) & {"\x1b", "\0", "\x9b", "\x07", "\u202e", "\u2066"}, path
        assert path.suffix not in (".html", ".md") or "<script>alert(1)" not in text
        assert path.suffix != ".csv" or "\n=HYPERLINK" not in text


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_one_takes_little(name: str, judged: Judged) -> None:
    """By itself in a fresh process: the limit of time only guards against a hang."""
    assert os.path.lexists(judged.folder / name)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(judged.folder / name)],
        capture_output=True,
        text=True,
        timeout=limits.SUBMISSION_WALL_SECONDS,
        check=True,
    )
    assert int(done.stdout.split()[1]) << 10 < MEMORY, done.stdout
