"""A run that was killed goes on where it stopped, and what has not changed is not judged again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.grading.small_class import TASK, hand_in

WORDS = {f"s{number:03}": "good" if number % 5 else "bad" for number in range(200)}
UNCHANGED = "have not changed since"


def settle(folder: Path) -> None:
    """Wait until what was just written counts as old: no clock of a file system tells times closer together."""
    time.sleep(0.15)


def call(course: Path, submissions: Path, out: Path, *options: str) -> list[str]:
    """The call of `mlsd grade`."""
    words = ["grade", submissions, "--course", course, "--out", out, "--jobs", "2", *options]
    return [str(word) for word in (Path(sys.executable).with_name("mlsd"), *words)]


def grade(course: Path, submissions: Path, out: Path, *options: str) -> str:
    """Grade, and return what was said beside the report."""
    settle(submissions)
    done = subprocess.run(call(course, submissions, out, *options), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def rows(out: Path) -> Any:
    """The rows of `results.json`, without how long each took."""
    found = json.loads((out / "results.json").read_bytes())["submissions"]
    for row in found:
        for task in row["tasks"]:
            for step in task["steps"]:
                step["seconds"] = 0
    return found


def lines(out: Path) -> list[str]:
    """The submissions in the whole lines of `results.jsonl`, which may have a torn one."""
    whole = (line for line in (out / "results.jsonl").read_bytes().splitlines(True) if line.endswith(b"\n"))
    return [json.loads(line)["submission"] for line in whole]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_where_it_stopped(course_folder: Path, tmp_path: Path) -> None:
    """Killed as soon as some results are there, with all its processes, and each time it is started again."""
    hand_in(tmp_path / "class", **WORDS)
    grade(course_folder, tmp_path / "class", tmp_path / "undisturbed")
    out = tmp_path / "out"
    written = 0
    for more in (1, 15, 30):
        with subprocess.Popen(
            call(course_folder, tmp_path / "class", out), stderr=subprocess.DEVNULL, start_new_session=True
        ) as run:
            journal = out / "results.jsonl"
            while not journal.exists() or journal.read_bytes().count(b"\n") < min(written + more, len(WORDS)):
                assert run.poll() in (None, 0)
                time.sleep(0.005)
            os.killpg(run.pid, signal.SIGKILL)
        whole = journal.read_bytes().count(b"\n")
        assert whole > written
        written = whole
        assert sorted(set(lines(out))) == sorted(lines(out)), "something was judged twice"
    said = grade(course_folder, tmp_path / "class", out)
    assert f"{written} of {len(WORDS)} {UNCHANGED}" in said
    assert rows(out) == rows(tmp_path / "undisturbed")
    assert not [path.name for path in out.iterdir() if "unfinished" in path.name]


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no process groups")
def test_ctrl_c_leaves_nothing_and_says_one_sentence(course_folder: Path, tmp_path: Path) -> None:
    """While an archive is judged that never ends, and another was."""
    hand_in(tmp_path / "work", bob="endless")
    hand_in(tmp_path / "class", ada="good")
    shutil.make_archive(str(tmp_path / "class/bob"), "zip", tmp_path / "work/bob")
    temporary, journal = tmp_path / "temporary", tmp_path / "out/results.jsonl"
    temporary.mkdir()
    with subprocess.Popen(
        call(course_folder, tmp_path / "class", tmp_path / "out"),
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(temporary)},
        text=True,
    ) as run:
        while not (journal.exists() and journal.read_bytes() and [*temporary.glob("mlsd-grade-*/*/*")]):
            assert run.poll() is None
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=300)
    assert run.returncode == 130
    sentence = f"mlsd: interrupted; results until then are in {tmp_path / 'out'}: the same call goes on from there"
    assert [line for line in said.splitlines() if not line.startswith("grading:")] == [sentence]
    assert list(temporary.iterdir()) == []
    assert lines(tmp_path / "out") == ["ada"]


def test_a_torn_line_is_judged_again(course_folder: Path, tmp_path: Path) -> None:
    hand_in(tmp_path / "class", ada="good", bob="bad", cyd="good")
    grade(course_folder, tmp_path / "class", tmp_path / "out")
    before = rows(tmp_path / "out")
    journal = tmp_path / "out/results.jsonl"
    journal.write_bytes(journal.read_bytes()[:-10])
    assert f"2 of 3 {UNCHANGED}" in grade(course_folder, tmp_path / "class", tmp_path / "out")
    assert rows(tmp_path / "out") == before
    journal.write_bytes(b'{"submission": 3}\nnonsense\n' + journal.read_bytes())
    assert f"3 of 3 {UNCHANGED}" in grade(course_folder, tmp_path / "class", tmp_path / "out")
    assert sorted(lines(tmp_path / "out")) == ["ada", "bob", "cyd"]


def test_only_what_changed_is_judged(course_folder: Path, tmp_path: Path) -> None:
    hand_in(tmp_path / "class", ada="good", bob="bad", cyd="good")
    out = tmp_path / "out"
    grade(course_folder, tmp_path / "class", out)
    assert f"3 of 3 {UNCHANGED}" in grade(course_folder, tmp_path / "class", out)
    (tmp_path / "class/bob" / TASK / "word").write_text("good")
    assert f"2 of 3 {UNCHANGED}" in grade(course_folder, tmp_path / "class", out)
    assert [row["score"] for row in rows(out)] == [4, 4, 4]
    (tmp_path / "class/ada/new").touch()
    assert f"2 of 3 {UNCHANGED}" in grade(course_folder, tmp_path / "class", out)
    assert UNCHANGED not in grade(course_folder, tmp_path / "class", out, "--no-cache")
    shutil.rmtree(tmp_path / "class/cyd")
    grade(course_folder, tmp_path / "class", out)
    assert sorted(lines(out)) == [row["submission"] for row in rows(out)] == ["ada", "bob"]


def test_an_archive_is_known_by_its_bytes(course_folder: Path, tmp_path: Path) -> None:
    """Downloaded once more, it has other times, and is not judged again."""
    hand_in(tmp_path / "work", ada="good", bob="bad")
    (tmp_path / "class").mkdir()
    for name in ("ada", "bob"):
        shutil.make_archive(str(tmp_path / "class" / name), "zip", tmp_path / "work" / name)
    grade(course_folder, tmp_path / "class", tmp_path / "out")
    shutil.copytree(tmp_path / "class", tmp_path / "again")
    assert f"2 of 2 {UNCHANGED}" in grade(course_folder, tmp_path / "again", tmp_path / "out")
    shutil.make_archive(str(tmp_path / "again/ada"), "zip", tmp_path / "work/bob")
    assert f"1 of 2 {UNCHANGED}" in grade(course_folder, tmp_path / "again", tmp_path / "out")
    assert [row["score"] for row in rows(tmp_path / "out")] == [1, 1]


def test_a_changed_checker_judges_its_own_task_again(course_folder: Path, tmp_path: Path) -> None:
    second = course_folder / TASK.replace("task1", "task2")
    shutil.copytree(course_folder / TASK, second)
    for task in (TASK, TASK.replace("task1", "task2")):
        for name in ("ada", "bob"):
            (tmp_path / "class" / name / task).mkdir(parents=True)
            (tmp_path / "class" / name / task / "word").write_text("good")
    out = tmp_path / "out"
    # A checker notes that it ran: beside the class, which no honest one would do.
    for folder in (course_folder / TASK, second):
        checker = folder / "test_task.py"
        noted = f"open({str(tmp_path)!r} + '/ran', 'a').write('{folder.name}\\n')\n    word = "
        checker.write_text(checker.read_text().replace("word = ", noted, 1))
    grade(course_folder, tmp_path / "class", out)
    assert sorted((tmp_path / "ran").read_text().split()) == ["task1_task"] * 2 + ["task2_task"] * 2
    first = rows(out)
    (tmp_path / "ran").unlink()
    (second / "test_task.py").write_text((second / "test_task.py").read_text() + "\n# another version\n")
    grade(course_folder, tmp_path / "class", out)
    assert (tmp_path / "ran").read_text().split() == ["task2_task"] * 2
    assert rows(out) == first
    grade(course_folder, tmp_path / "class", out, "--task", "1.1")
    assert [task["task"] for row in rows(out) for task in row["tasks"]] == ["1.1", "1.1"]


def test_another_question_gets_another_gradebook(course_folder: Path, tmp_path: Path) -> None:
    """A roster is asked of the class, and changes no submission's line."""
    hand_in(tmp_path / "class", ada="good", bob="bad")
    out, roster = tmp_path / "out", tmp_path / "roster.csv"
    roster.write_text("id,name\nzoe,Zoe Zander\n")
    grade(course_folder, tmp_path / "class", out, "--roster", str(roster))
    assert "Zoe Zander" in (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    assert f"2 of 2 {UNCHANGED}" in grade(course_folder, tmp_path / "class", out)
    assert "Zoe Zander" not in (out / "gradebook.csv").read_text(encoding="utf-8-sig")


def test_a_class_is_graded_without_the_package_of_findings(course_folder: Path, tmp_path: Path) -> None:
    hand_in(tmp_path / "class", ada="good", bob="bad")
    grade(course_folder, tmp_path / "class", tmp_path / "with")
    without = "import sys; sys.modules['checks.findings'] = None; from checks.cli.main import run; run()"
    words = call(course_folder, tmp_path / "class", tmp_path / "without")
    subprocess.run([sys.executable, "-c", without, *words[1:]], check=True)
    assert rows(tmp_path / "without") == rows(tmp_path / "with")
    assert all(not row["findings"] for row in rows(tmp_path / "without"))


def test_an_error_of_ours_is_not_kept(course_folder: Path, tmp_path: Path) -> None:
    hand_in(tmp_path / "class", ada="raise", bob="exit", cyd="good")
    for _ in range(2):
        settle(tmp_path / "class")
        done = subprocess.run(
            call(course_folder, tmp_path / "class", tmp_path / "out"), capture_output=True, text=True, check=False
        )
        assert done.returncode == 3
    assert f"1 of 3 {UNCHANGED}" in done.stderr
