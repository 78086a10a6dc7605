"""Annotations: one workflow command a step that did not pass, and nothing that a submission says becomes another."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from checks.model import CohortReport, Outcome, Problem, SubmissionReport, TaskReport
from tests.reports.conftest import failed, passed, waiting
from tests.reports.graded_class import written

LINE = re.compile(r"::(error|warning|notice) (?:[a-z]+=[^:,]*,)*[a-z]+=[^:,]*::[^\n]*")


def of(cohort: CohortReport, *steps, **named) -> str:
    submission = SubmissionReport("solution/ada", (TaskReport("1.1", "Intro to DVC", steps),), **named)
    return written("annotations", replace(cohort, submissions=(submission,)))


def test_what_passed_is_not_annotated(cohort: CohortReport) -> None:
    assert of(cohort, passed("1.1/init", "It is there")) == ""


def test_a_failure_is_an_error_at_its_readme(cohort: CohortReport) -> None:
    line = of(cohort, failed("1.1/track", "Tracked", found="50 %:\nno file, or none", fix="dvc add x\ngit add x.dvc"))
    assert line == (
        "::error file=1_model_versioning/task1_intro_to_dvc/README.md,title=solution/ada%3A 1.1/track failed::"
        "Tracked%0Alooked at: data/rentals.csv.dvc"
        "%0Aexpected: a pointer file with an md5 of 32 hexadecimal digits"
        "%0Afound: 50 %25:%0Ano file, or none%0Anext: dvc add x%0Agit add x.dvc\n"
    )


@pytest.mark.parametrize(
    ("outcome", "command"),
    [(Outcome.ERROR, "error"), (Outcome.BLOCKED, "warning"), (Outcome.UNAVAILABLE, "notice")],
)
def test_every_other_outcome_has_its_weight(cohort: CohortReport, outcome: Outcome, command: str) -> None:
    line = of(cohort, waiting("1.1/tag", "Tagged", outcome, "because"))
    assert line == f"::{command} title=solution/ada%3A 1.1/tag {outcome}::Tagged%0A{outcome}: because\n"


def test_a_submission_that_can_not_be_read_is_an_error(cohort: CohortReport) -> None:
    line = of(cohort, problem=Problem("too-large", "more than 2 GB"))
    assert line == "::error title=solution/ada could not be read::too-large: more than 2 GB\n"


def test_nothing_in_a_submission_is_a_command(cohort: CohortReport, bad_text: str) -> None:
    texts = dict.fromkeys(("looked_at", "expected", "found", "fix", "see"), bad_text)
    steps = (failed("1.1/track", bad_text, **texts),)
    submission = SubmissionReport(bad_text, (TaskReport("1.1", bad_text, steps),), problem=Problem(bad_text, bad_text))
    lines = written("annotations", replace(cohort, submissions=(submission,))).split("\n")
    assert lines.pop() == ""
    assert len(lines) == 2
    for line in lines:
        assert LINE.fullmatch(line), line
        assert not re.search(r"##[A-Za-z]*\[", line)
        assert not {"\x1b", "\r", "\0", "\u202e", "\x85", "\u2028"} & set(line)
