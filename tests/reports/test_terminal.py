"""Text for a terminal: the words, the width, and nothing from a submission that a terminal obeys."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from checks.model import CohortReport, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports import terminal
from checks.reports.escape import terminal as safe
from checks.reports.terminal import wrap
from tests.reports.conftest import failed

GOLDEN = """\
1.1  Intro to DVC
 ✓ passed       1.1/init     Your DVC repository is committed              1 / 1
 ✗ failed       1.1/track    The first month of data is tracked by DVC     0 / 2
                             and committed together with its pointer
     looked at  data/rentals.csv.dvc
     expected   a pointer file with an md5 of 32 hexadecimal digits
     found      no such file; the nearest is data/Rentals.csv.dvc
     next       dvc add data/rentals.csv
     read       1_model_versioning/task1_intro_to_dvc/README.md
                #2-track-the-first-month
 · blocked      1.1/remote   Every tagged version is in your DVC remote    0 / 2
     reason     it needs 1.1/track
 ? unavailable  1.1/image    The image starts                            - / 0.5
     reason     Docker is not running on this machine
 ! error        1.1/restore  An old version can be restored                - / 2
     reason     the checker broke: KeyError: 'outs'
 score 1 / 5 verified, 7.5 in all

Next: 1.1/track  dvc add data/rentals.csv
"""


def test_a_task_at_80_columns(task: TaskReport) -> None:
    assert terminal.render_task(task, color=False) == GOLDEN


def test_brief_leaves_out_what_stands_below_a_step(task: TaskReport) -> None:
    below = re.compile(r"^ {5}(\w| {11}\S).*\n", re.MULTILINE)
    assert terminal.render_task(task, color=False, brief=True) == below.sub("", GOLDEN)


def test_a_submission_says_all_tasks_and_one_next_step(submission: SubmissionReport) -> None:
    text = terminal.render(submission, color=False)
    assert text.startswith("ada.tar.gz\nAda (ada@example.org), commit 0123456, handed in late\n\n1.1  Intro to DVC\n")
    assert text.endswith("\nAll tasks: score 3 / 7 verified, 9.5 in all\n\nNext: 1.1/track  dvc add data/rentals.csv\n")
    assert " score 2 / 2\n" in text
    assert text.count("Next:") == 1
    assert "   - shared-evidence, 2.1/params: the same run id is in 2 submissions (with" in text


def test_a_submission_that_cannot_be_read_says_why(cohort: CohortReport) -> None:
    text = terminal.render(cohort.submissions[1], color=False)
    assert "✗ This submission could not be read\n     reason     not-a-submission: b.zip: the archive ends" in text


def test_colour_adds_codes_and_changes_no_word(submission: SubmissionReport) -> None:
    colored = terminal.render(submission, color=True)
    assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == terminal.render(submission, color=False)
    assert colored != terminal.render(submission, color=False)


def test_every_outcome_has_its_own_sign_and_word(task: TaskReport) -> None:
    starts = re.findall(r"^ (\S) (\w+)", terminal.render_task(task, color=False), re.MULTILINE)
    assert dict(starts) == {"✓": "passed", "✗": "failed", "·": "blocked", "?": "unavailable", "!": "error"}


def test_several_commands_stand_one_a_line_and_unbroken(task: TaskReport) -> None:
    long = "dvc remote add --default storage " + "x" * 200
    failed = dataclasses.replace(task.steps[1], fix=f"git add .\n{long}")
    text = terminal.render_step(failed, color=False)
    assert f"     next       git add .\n                {long}\n" in text
    text = terminal.render_task(TaskReport("1.1", "x", (failed,)), color=False)
    assert text.endswith(f"Next: 1.1/track  git add .\n                 {long}\n")


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([Outcome.PASSED, Outcome.PASSED], "Every step passed."),
        ([Outcome.PASSED, Outcome.UNAVAILABLE], "No step failed, but 1 step was not verified here"),
        ([Outcome.ERROR, Outcome.BLOCKED], "No step failed, but 2 steps were not verified here"),
        ([], "There was no step to look at."),
    ],
)
def test_where_nothing_failed_a_sentence_says_so(outcomes: list[Outcome], words: str) -> None:
    steps = tuple(StepResult(f"1.1/{index}", "t", outcome, 1.0) for index, outcome in enumerate(outcomes))
    text = terminal.render_task(TaskReport("1.1", "x", steps), color=False)
    assert words in text
    assert "Next" not in text


@pytest.mark.parametrize("width", [1, 40, 60, 80, 200])
def test_nothing_hostile_reaches_the_terminal(bad_submission: SubmissionReport, bad_text: str, width: int) -> None:
    text = terminal.render(bad_submission, color=False, width=width)
    _assert_harmless(text, {safe(line) for line in bad_text.split("\n")}, max(width, terminal.MIN_WIDTH))
    assert len(text.splitlines()) < 2 * (bad_text.count("\n") + 1) + 200  # nothing but the commands is long


def test_long_evidence_is_cut_and_says_so(task: TaskReport) -> None:
    for found in ("x" * 10_000, "line\n" * 2_000):
        text = terminal.render_step(dataclasses.replace(task.steps[1], found=found), color=False)
        assert len(text.splitlines()) < 40
        assert "(cut: " in text
    assert "10,000" in terminal.render_step(dataclasses.replace(task.steps[1], found="x" * 10_000), color=False)


def test_lines_of_evidence_are_indented(task: TaskReport) -> None:
    text = terminal.render_step(dataclasses.replace(task.steps[1], found="a:\n  b: 1"), color=False)
    assert "     found      a:\n                  b: 1\n" in text


TEXT = st.text(st.characters() | st.sampled_from(" /#:[\n\u8868"), max_size=300)


STEPS = st.builds(
    StepResult, TEXT, TEXT, st.sampled_from(Outcome), st.just(1.0), found=TEXT, fix=TEXT, see=TEXT, reason=TEXT
)


@given(STEPS, st.integers(1, 120))
def test_any_step_is_harmless_and_fits(step: StepResult, width: int) -> None:
    text = terminal.render_task(TaskReport("1.1", step.title, (step,)), color=False, width=width)
    commands = {safe(line) for line in (step.fix or "").split("\n")}
    _assert_harmless(text, commands, max(width, terminal.MIN_WIDTH))


def _assert_harmless(text: str, commands: set[str], width: int) -> None:
    """No control character, no build command, and no line that is too wide but a command."""
    assert text.encode()
    for line in text.split("\n"):
        assert not re.search(r"[^ \S]|##[A-Za-z]*\[|^ *::[A-Za-z]", line.replace("\u3000", ""))
        is_command = any(line.rstrip().endswith(command.rstrip()) for command in commands if command.strip())
        assert wcwidth.width(line) <= width or is_command


@given(
    st.text(
        st.characters(exclude_categories=("C", "Z", "Mn", "Me"), include_characters=" \u3000", exclude_characters="\\")
    ),
    st.integers(5, 40),
)
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = wrap(safe(text), width)
    assert all(wcwidth.width(line) <= width for line in lines)
    squeezed = "".join("".join(lines).split())
    assert squeezed.replace(r"\x3a", ":").replace(r"\x23", "#") == "".join(text.split())


def test_neither_rich_nor_jinja_is_imported() -> None:
    code = (
        "import sys; from checks.reports import gradebook_csv, junit, markdown, results, terminal;"
        "print([name for name in ('rich', 'jinja2', 'pytest', 'mlflow', 'dvc') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_hashes_are_short_unless_one_asks_and_commands_are_whole() -> None:
    md5 = "9d9bd21b4d579ac5f70b3a9f02de8a8c"
    step = failed("1.1/remote", "It is there", expected=f"files/md5/9d/{md5[2:]}", found=md5, fix=f"git show {md5}")
    report = SubmissionReport("ada", (TaskReport("1.1", "Intro to DVC", (step,)),))
    short = terminal.render(report, color=False)
    assert "expected   files/md5/9d/9bd21b4d…" in short
    assert "found      9d9bd21b…" in short
    assert f"git show {md5}" in short
    whole = terminal.render(report, color=False, verbose=True)
    assert f"files/md5/9d/{md5[2:]}" in whole
    assert f"found      {md5}" in whole
