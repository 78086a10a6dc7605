"""docs/instructors.md, its commands typed as they stand; docs/learners.md names verbs, options and signs that exist."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from checks.core.course import OWN_COURSE, load_course
from checks.grading.late import parse_due
from checks.grading.roster import parse_roster
from checks.model import Outcome
from checks.reports.words import SYMBOLS

GUIDE = (OWN_COURSE / "docs/instructors.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LEARNERS = (OWN_COURSE / "docs/learners.md").read_text(encoding="utf-8")
CALL = re.compile(r"`mlsd (?P<verb>[a-z]+)(?P<rest>[^`]*)`|^mlsd (?P<alone>[a-z]+)$", re.MULTILINE)


def blocks(section: str) -> list[tuple[str, str]]:
    """The kind and the text of each block in a section of the guide."""
    text = GUIDE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [(match["kind"], match["text"]) for match in BLOCK.finditer(text)]


def test_a_task_of_ones_own(tmp_path: Path) -> None:
    """The worked example, word for word: two files, a learner's work, a grade."""
    folder, toml, checker, rest = (text for _, text in blocks("Grade your own tasks"))
    names = re.findall(r"`(mine/\S+)`", GUIDE)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def type_in(commands: str) -> None:
        command = ["sh", "-euc", commands]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    type_in(folder)
    for name, text in zip(names, (toml, checker), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    type_in(rest)
    (row,) = json.loads((tmp_path / "reports-mine/results.json").read_bytes())["submissions"]
    assert (row["submission"], row["score"], row["total"]) == ("ada", 1, 1)
    (tmp_path / "work/ada/1_basics/task1_hello/hello.txt").write_text("bye\n")
    type_in(rest.splitlines()[-1])
    (row,) = json.loads((tmp_path / "reports-mine/results.json").read_bytes())["submissions"]
    assert (row["score"], row["tasks"][0]["steps"][0]["found"]) == (0, "bye\n")


def test_the_roster_and_the_rule_are_as_they_are_read() -> None:
    ((_, text),) = blocks("The roster")
    roster = parse_roster(text.encode(), "roster.csv")
    assert [row.source for row in roster.rows] == ["", "group-7.zip"]
    assert list(roster.extensions()) == ["bob@example.org"]
    ((_, rule),) = blocks("Late work")
    course = (OWN_COURSE / "course.toml").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^(\w+) = (\S+)", rule, re.MULTILINE))
    assert stated == {name: re.search(rf"^{name} = (\S+)", course, re.MULTILINE)[1] for name in stated}  # type: ignore[index]
    assert load_course().late.most == float(stated["most"])
    assert parse_due("2026-11-30").at.hour == 23


def test_every_finding_is_explained() -> None:
    """Each kind that the code can give, and no other."""
    code = "".join(path.read_text(encoding="utf-8") for path in (OWN_COURSE / "checks").rglob("*.py"))
    assert set(re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE)) == set(
        re.findall(r'Finding\(\s*"([a-z-]+)"', code)
    )


def test_each_call_of_the_learners_page_is_one(mlsd) -> None:
    calls = [(match["verb"] or match["alone"], match["rest"] or "") for match in CALL.finditer(LEARNERS)]
    assert len(calls) > 10
    for verb, rest in calls:
        usage = mlsd(verb, "--help")
        assert usage.code == 0, verb
        assert all(option in usage.out for option in re.findall(r"--\w+", rest)), rest


def test_the_learners_page_tells_each_outcome() -> None:
    told = dict(re.findall(r"^\| (\S) \| (\w+) \|", LEARNERS, re.MULTILINE))
    assert told == {SYMBOLS[outcome]: outcome.value for outcome in Outcome}
