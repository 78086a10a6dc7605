"""Grades for Moodle, read as Moodle reads them."""

from __future__ import annotations

import dataclasses

import pytest

from checks.model import CohortReport, Identity, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports.interface import FORMATS, Export, Options, Source
from tests.reports.conftest import tracking
from tests.reports.graded_class import GRACE, graded_class, grades, of
from tests.reports.moodle_importer import read_grades, read_worksheet

SHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 11","Grace Hopper",grace@example.org,"Submitted for grading",,9.50,Yes,"Monday, 1 March 2027",-,\n'
    '"Participant 12","Ada Lovelace",ADA@example.org,"Submitted, ""late""",1.00,9.50,Yes,-,-,\n'
    '"Participant 13","Alan Turing",alan@example.org,"No submission",,9.50,Yes,-,-,"<p>Ask me</p>"\n'
    '"Participant 14","Nobody Known",nobody@example.org,"No submission",,9.50,Yes,-,-,\n'
)


def merged(report: CohortReport, text: str, name: str = "book.csv", assignment: str | None = None) -> Export:
    return FORMATS["moodle"].export(report, Options(into=Source(name, text), assignment=assignment))


def new(report: CohortReport, assignment: str) -> Export:
    return FORMATS["moodle"].export(report, Options(assignment=assignment))


def test_only_the_cells_of_who_has_a_grade_change() -> None:
    export = merged(graded_class(), SHEET, "sheet.csv")
    found = read_worksheet(export.text)
    assert found.grades == {"11": 2.0, "12": 2.7}
    assert found.left_out == ["13", "14"]
    words = found.feedback.pop("12")
    assert words.startswith(
        "Score: 3 / 7 verified, 9.5 in all; handed in late, which costs 10 %: 2.7 count. Not verified: 1.1/im"
    )
    assert found.feedback == {"13": "<p>Ask me</p>"}
    expected = SHEET.replace('grading",,9.50', 'grading",2,9.50')
    expected = expected.replace("1.00,9.50,Yes,-,-,", f'2.7,9.50,Yes,-,-,"{words}"')
    assert export.text == expected


def test_who_could_not_be_matched_is_said_both_ways() -> None:
    notes = merged(graded_class(), SHEET, "sheet.csv").notes
    assert notes[0] == "2 grades in sheet.csv"
    assert "in the results, but not in sheet.csv: b.zip" in notes
    assert "in sheet.csv, but not in the results: Nobody Known, nobody@example.org" in notes
    assert any(note.startswith("no grade: alan (Alan Turing") for note in notes)


def test_a_comment_that_is_there_stays() -> None:
    sheet = SHEET.replace("1.00,9.50,Yes,-,-,", "1.00,9.50,Yes,-,-,mine")
    assert read_worksheet(merged(graded_class(), sheet, "s").text).feedback["12"] == "mine"


def test_a_grade_above_the_maximum_is_said_as_moodle_leaves_it_out() -> None:
    sheet = SHEET.replace("9.50", "1.50")
    export = merged(graded_class(), sheet, "s")
    assert read_worksheet(export.text).grades == {}
    assert sum(note.startswith("Moodle will leave out") for note in export.notes) == 2


def test_feedback_of_a_stranger_is_no_markup() -> None:
    step = StepResult("<b>=1", "t", Outcome.UNAVAILABLE, 1.0, reason="x")
    passed = StepResult("1/a", "t", Outcome.PASSED, 1.0)
    evil = SubmissionReport("e", (TaskReport("1", "t", (passed, step)),), learner=GRACE)
    words = read_worksheet(merged(of(graded_class(), evil), SHEET, "s").text).feedback["11"]
    assert "&lt;b&gt;'=1" in words
    assert "<" not in words


@pytest.mark.parametrize(
    "sheet", ["", "a,b\n", SHEET.replace("Identifier", "Teilnehmer"), SHEET.replace('"Email a', '"Email" a')]
)
def test_what_is_no_worksheet(sheet: str) -> None:
    with pytest.raises(ValueError, match=r"s\.csv"):
        merged(graded_class(), sheet, "s.csv")


@pytest.mark.parametrize("fresh", [True, False])
def test_the_gradebook_imports_the_file(fresh: bool) -> None:
    everybody = [each for each in graded_class().submissions[:5] if each.learner]
    report = of(graded_class(), *everybody)
    export = new(report, "MLSD Workshop")
    users = {"ada@example.org", "grace@example.org", "alan@example.org", "edsger@example.org"}
    found = read_grades(export.text, "Email address", users, "MLSD Workshop", new=fresh)
    assert list(found.values()) == pytest.approx(grades(report))
    assert list(found) == ["ada@example.org", "grace@example.org", "alan@example.org", "edsger@example.org"]


def test_nobody_known_is_left_out_and_said() -> None:
    export = new(graded_class(), "T")
    assert "left out, as nobody knows whose it is: b.zip" in export.notes
    assert "b.zip" not in export.text


def test_a_grade_that_the_site_may_refuse_is_said() -> None:
    step = StepResult("1/a", "t", Outcome.PASSED, 101.0)
    large = SubmissionReport("e", (TaskReport("1", "t", (step,)),), learner=GRACE)
    assert any("above 100" in note for note in new(of(graded_class(), large), "T").notes)
    small = dataclasses.replace(large, penalty=0.5)
    assert new(of(graded_class(), small), "T").notes == ()


@pytest.mark.parametrize("name", ["a,\\", '\\"', '\\",x@example.org,1,100', "a\\b, c", ";\\\\"])
def test_a_name_does_not_reach_into_the_next_row(name: str) -> None:
    evil = SubmissionReport("e", (tracking(),), learner=Identity("1", name, "e@example.org"))
    grace = SubmissionReport("g", (tracking(),), learner=GRACE, penalty=0.5)
    text = new(of(graded_class(), evil, grace), "T").text
    found = read_grades(text, "Email address", {"e@example.org", "grace@example.org"}, "T", new=True)
    assert found == {"e@example.org": 2.0, "grace@example.org": 1.0}
