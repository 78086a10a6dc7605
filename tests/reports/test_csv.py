"""The gradebook as CSV, read back."""

from __future__ import annotations

import csv as reader
import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from checks.model import CohortReport, CourseStamp, Identity, Problem, SubmissionReport
from checks.reports.gradebook_csv import FIXED_COLUMNS
from tests.reports.graded_class import written

FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def _rows(text: str) -> list[dict[str, str]]:
    """The rows by column."""
    return list(reader.DictReader(io.StringIO(text, newline="")))


def test_a_row_a_submission_in_order(cohort: CohortReport) -> None:
    text = written("csv", cohort)
    rows = _rows(text)
    assert len(rows) == len(cohort.submissions) == text.count("\n") - 1
    assert "\r" not in text
    ada = rows[0]
    assert (ada["submission"], ada["learner_id"], ada["learner_name"]) == ("ada.tar.gz", "ada@example.org", "Ada")
    assert (ada["score"], ada["max_score"], ada["total"]) == ("3", "7", "9.5")
    assert (ada["late"], ada["final"]) == ("yes", "3")
    assert (ada["1.1"], ada["1.1/init"], ada["1.1/init outcome"]) == ("1", "1", "passed")
    assert (ada["1.1/track"], ada["1.1/track outcome"]) == ("0", "failed")
    assert (ada["2.1"], ada["2.1/run"]) == ("2", "1")


def test_columns_stand_in_the_order_of_the_report(cohort: CohortReport) -> None:
    header = written("csv", cohort).split("\n", 1)[0].split(",")
    about = ["submission", "learner_id", "learner_name", "commit"]
    fixed = [*about, "score", "max_score", "total", "late", "final", "problem"]
    assert header[:13] == [*fixed, "1.1", "1.1/init", "1.1/init outcome"]
    assert header[-5:] == ["2.1", "2.1/run", "2.1/run outcome", "2.1/params", "2.1/params outcome"]


def test_what_was_not_verified_is_no_zero_and_a_problem_is_a_row(cohort: CohortReport) -> None:
    ada, problem, *_ = _rows(written("csv", cohort))
    assert (ada["1.1/image"], ada["1.1/image outcome"]) == ("", "unavailable")
    assert (ada["1.1/restore"], ada["1.1/restore outcome"]) == ("", "error")
    assert problem["problem"] == "not-a-submission: b.zip: the archive ends too early"
    assert (problem["score"], problem["max_score"], problem["1.1"]) == ("0", "0", "")


TEXT = st.text(st.characters() | st.sampled_from('=+-@\t\r\n ,;"'))


@given(TEXT, TEXT, TEXT)
def test_no_cell_is_a_formula_or_breaks_its_row(name: str, learner: str, detail: str) -> None:
    row = SubmissionReport(name, learner=Identity(learner, learner), problem=Problem(detail, detail))
    text = written("csv", CohortReport(CourseStamp("c", "1", "x"), "now", (row,)))
    assert text.count("\n") == 2
    assert text.encode()
    [cells] = _rows(text)
    assert len(cells) == len(FIXED_COLUMNS)
    for cell in cells.values():
        assert not cell.lstrip().startswith(FORMULA)
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in cell)
    for part in text.splitlines()[1].split(";"):  # as a spreadsheet reads it that parts cells so
        assert not part.strip('" ').startswith(FORMULA)


def test_the_empty_cohort_is_a_header(cohort: CohortReport) -> None:
    empty = CohortReport(cohort.course, cohort.created, ())
    assert written("csv", empty) == ",".join(FIXED_COLUMNS) + "\n"
