"""From work that was handed in to every platform: the commands of both guides as they stand, one after another."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.cli.report import Format
from checks.core.course import OWN_COURSE
from tests.cli.test_guides import blocks
from tests.reports.test_canvas import BOOK
from tests.reports.test_moodle import SHEET

GUIDE = (OWN_COURSE / "docs/lms.md").read_text(encoding="utf-8")
CALLS = [line.strip() for line in GUIDE.splitlines() if line.strip().startswith("mlsd report")]
ADA = "ada@example.org"
NO_CALL = {"csv", "classroom"}
"""Formats of the guide's table without a call for a class: `mlsd grade` wrote the one, and the other is a runner's."""


def numbers(form: str, written: Path) -> Iterator[float]:
    """What a platform will take for Ada's points."""
    if form in {Format.CANVAS, Format.MOODLE}:
        with written.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if ADA in {cell.lower() for cell in row.values()}:
                    (column,) = [name for name in row if name == "Grade" or name.startswith("MLSD Workshop")]
                    yield float(row[column])
    elif form in {Format.GRADESCOPE, Format.CLASSROOM50}:
        yield json.loads((written / "ada.json").read_bytes())["score"]
    elif form == Format.CTRF:
        tests = json.loads(written.read_bytes())["results"]["tests"]
        yield sum(test["extra"]["points"] for test in tests if "ada" in test["suite"])


def test_a_class_reaches_every_platform(mlsd, solution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One good work, one that nobody can read: a grade and its reason, in each file that a platform takes."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(solution, "submissions/ada", symlinks=True)
    Path("submissions/group-7.zip").write_bytes(b"no archive")
    ((_, roster),) = blocks("The roster")
    Path("roster.csv").write_text(roster, encoding="utf-8")
    Path("gradebook.csv").write_bytes(BOOK.encode())
    Path("worksheet.csv").write_bytes(SHEET.encode())
    (grade,) = [text for _, text in blocks("Grade") if "--roster" in text]
    assert mlsd(*shlex.split(grade)[1:]).code == 0
    results = json.loads(Path("reports/results.json").read_bytes())["submissions"]
    (ada,) = [row for row in results if row["learner"]["id"] == ADA]
    assert ada["score"] > 0
    reached = set()
    for words in map(shlex.split, CALLS):
        if "reports/results.json" not in words:
            continue
        call = mlsd(*words[1:])
        assert call.code == 0, call.err
        form, written = (words[words.index(option) + 1] for option in ("--format", "--output"))
        reached.add(form)
        if form == Format.JUNIT:
            assert ElementTree.parse(written).find(".//testcase") is not None
        elif form == Format.MARKDOWN:
            assert "Bob Example" in Path(written).read_text(encoding="utf-8")
        else:  # CTRF knows steps, and not what coming late costs
            counts = ada["score"] if form == Format.CTRF else ada.get("final", ada["score"])
            assert list(numbers(form, Path(written))) == [counts], form
        if form in {Format.CANVAS, Format.MOODLE}:
            assert "no grade: group-7.zip (Bob Example, bob@example.org): unreadable-archive" in call.err
    table = GUIDE.split("## What holds", 1)[0]
    assert reached | NO_CALL == {
        name
        for row in re.findall(r"\|([^|]+)\| [^|]+ \|$", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }


def test_a_call_for_one_submission_and_every_format_are_in_the_guide() -> None:
    assert len(CALLS) > 10
    assert [form for form in Format if f"`{form}`" not in GUIDE] == [Format.HTML, Format.ANNOTATIONS]


@pytest.mark.skipif(os.name == "nt", reason="runners of Gradescope and GitHub are Linux machines")
@pytest.mark.parametrize(
    ("section", "written"),
    [
        ("Gradescope", "autograder/results/results.json"),
        ("GitHub Classroom", "work/classroom.json"),
        ("Classroom 50", "work/result.json"),
    ],
)
def test_a_runner_grades_one_submission(section: str, written: str, solution: Path, tmp_path: Path) -> None:
    """What the guide puts into an autograder, with the runner's folders in a place of ours."""
    shutil.copytree(solution, tmp_path / "work", symlinks=True)
    for folder in ("autograder/submission", "autograder/results", "tmp"):
        (tmp_path / folder).mkdir(parents=True)
    text = GUIDE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    kind, code = re.search(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL).groups()  # type: ignore[union-attr]
    if kind == "yaml":
        code = textwrap.dedent(code.split("run: |\n", 1)[1].split("- uses:", 1)[0])
    code = re.sub(r"(?<=[\s\"])/(?=autograder/|tmp/)", f"{tmp_path}/", code)
    program = [sys.executable, "-c"] if kind == "python" else ["bash", "-eo", "pipefail", "-c"]
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }
    upload = ["mlsd", "submit", "--output", str(tmp_path / "autograder/submission/ada.tar.gz")]
    for command in (upload, [*program, code]):
        done = subprocess.run(
            command, cwd=tmp_path / "work", env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / written).read_bytes())
    points = result["score"] if "score" in result else sum(test["score"] for test in result["tests"])
    assert points == 10  # of 1.1, the one task that is done
    if kind == "yaml":
        handed_on = (tmp_path / "outputs").read_text(encoding="utf-8").removeprefix("result=")
        assert json.loads(base64.b64decode(handed_on)) == result
