"""Grades for Canvas, read as Canvas reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import CohortReport, Identity, Outcome, StepResult, SubmissionReport, TaskReport
from checks.reports.escape import terminal
from checks.reports.interface import FORMATS, Export, Options, Source
from checks.reports.words import number
from tests.reports.canvas_importer import Account, read
from tests.reports.conftest import HOSTILE, tracking
from tests.reports.graded_class import ALAN, GRACE, graded_class, grades, of

COURSE = (
    Account(9001, "Grace Hopper", "Hopper, Grace", sis="42", login="ghopper"),
    Account(9002, "Ada Lovelace", "Lovelace, Ada", login="ada@example.org"),
    Account(9003, "Alan Turing", "Turing, Alan", sis="77"),
    Account(9004, "Nobody Known", "Known, Nobody", sis="55"),
)
BOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Notes,Warm-up (7),MLSD Workshop (123),Assignments Current Score\r\n"
    ',,,,,,,"Manual Posting",\r\n'
    "    Points Possible,,,,,,5,9.50,(read only)\r\n"
    '"Hopper, Grace",9001,42,ghopper,"One, and ""Two""","line\nbreak",4.00,,88.00\r\n'
    '"Lovelace, Ada",9002,,ada@example.org,One,,,1.00,\r\n'
    '"Turing, Alan",9003,77,aturing,One,,3.00,"",\r\n'
    '"Known, Nobody",9004,55,nk,One,,,,\r\n'
    '"Student, Test",9005,,0123abc,One,,,,'
)


def merged(report: CohortReport, text: str, name: str = "book.csv", assignment: str | None = None) -> Export:
    return FORMATS["canvas"].export(report, Options(into=Source(name, text), assignment=assignment))


def new(report: CohortReport, assignment: str) -> Export:
    return FORMATS["canvas"].export(report, Options(assignment=assignment))


def test_only_the_cells_of_who_has_a_grade_change() -> None:
    export = merged(graded_class(), BOOK, "book.csv", "MLSD Workshop")
    expected = BOOK.replace("4.00,,88.00", "4.00,2,88.00").replace("One,,,1.00,", "One,,,2.7,")
    assert export.text == expected
    found = read(export.text, (*COURSE, Account(9005, "Test Student", "Student, Test")))
    assert found.grades["MLSD Workshop (123)"] == {9001: "2", 9002: "2.7", 9003: "", 9004: "", 9005: ""}
    assert found.unknown == []


def test_who_could_not_be_matched_is_said_both_ways() -> None:
    notes = merged(graded_class(), BOOK, "book.csv", "123").notes
    assert notes[0] == "2 grades in MLSD Workshop (123)"
    assert "in the results, but not in book.csv: b.zip" in notes
    assert "in the results, but not in book.csv: edsger (Edsger Dijkstra, edsger@example.org)" in notes
    assert "in book.csv, but not in the results: Known, Nobody, nk, 55, 9004" in notes
    assert not any("Test" in note or "points in" in note for note in notes)
    assert "no grade: b.zip: not-a-submission: b.zip: the archive ends too early" in notes
    assert any(note.startswith("no grade: alan (Alan Turing, 77, alan@example.org): missing") for note in notes)
    assert any(note.startswith("no grade: edsger") and "3.1/runs error" in note for note in notes)
    assert any(
        "3 / 7 verified, 9.5 in all; handed in late, which costs 10 %: 2.7 count (1.1/image" in note for note in notes
    )
    assert all(terminal(note) == note for note in notes)


def test_a_name_is_the_last_resort_and_said() -> None:
    other = SubmissionReport("g", (tracking(),), learner=Identity("unknown", " grace  HOPPER"))
    export = merged(of(graded_class(), other), BOOK, "book.csv", "123")
    assert read(export.text, COURSE).grades["MLSD Workshop (123)"][9001] == "2"
    assert "matched by name only: g (grace HOPPER, unknown)".replace("grace", " grace ") in export.notes


def test_two_submissions_of_one_learner_fill_nothing() -> None:
    one, two = (SubmissionReport(name, (tracking(),), learner=GRACE) for name in ("one", "two"))
    export = merged(of(graded_class(), one, two), BOOK, "book.csv", "123")
    assert export.text == BOOK
    assert any(
        note.startswith("not filled: Hopper, Grace") and "one" in note and "two" in note for note in export.notes
    )


def test_an_excused_learner_stays_excused() -> None:
    book = BOOK.replace("4.00,,88.00", "4.00,EX,88.00")
    export = merged(graded_class(), book, "book.csv", "123")
    assert read(export.text, COURSE).grades["MLSD Workshop (123)"][9001] == "EX"
    assert "left as it is: EX of grace.zip (Grace Hopper, 42, grace@example.org)" in export.notes


def test_points_that_differ_are_said() -> None:
    notes = merged(graded_class(), BOOK.replace("9.50", "100"), "book.csv", "123").notes
    assert "the assignment has 100 points in book.csv, the results have 9.5" in notes


def test_a_semicolon_and_names_in_two_columns() -> None:
    book = "LastName;FirstName;ID;SIS Login ID;Section;Task (1)\nHopper;Grace;1;x;s;\n"
    export = merged(of(graded_class(), SubmissionReport("g", (tracking(),), learner=GRACE)), book, "b", None)
    assert export.text == book.replace("s;\n", "s;2\n")


@pytest.mark.parametrize(
    ("book", "assignment", "words"),
    [
        (BOOK, None, ["no single assignment", "Warm-up (7); MLSD Workshop (123)", "--assignment"]),
        (BOOK, "MLSD", ["not one assignment MLSD", "Warm-up (7)"]),
        (BOOK.replace("9.50", "(read only)"), "123", ["not one assignment 123", "has: Warm-up (7)."]),
        ("a,b\n1,2\n", None, ["no gradebook of Canvas", "a, b", "Export it anew"]),
        ("", None, ["empty"]),
        ('Student,ID,"T (1)\n', None, ["book.csv, line 1", "no CSV"]),
        ('Student,ID,T (1)\n"x"y,1,\n', None, ["book.csv, line 2", "no CSV"]),
        ("Student,ID,SIS User ID,T (1)\nx,1,42\n", None, ["book.csv, line 2", "3 cells, 4 are needed"]),
    ],
)
def test_what_is_no_gradebook(book: str, assignment: str | None, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"book\.csv") as raised:
        merged(graded_class(), book, "book.csv", assignment)
    assert [word for word in words if word not in str(raised.value)] == []


def test_without_a_gradebook_canvas_can_import_the_file() -> None:
    report = graded_class()
    export = new(report, "MLSD Workshop")
    found = read(export.text, COURSE)
    assert found.points == {"MLSD Workshop": "9.5"}
    assert found.grades["MLSD Workshop"] == {9002: "2.7", 9001: "2", 9003: ""}
    # Everybody whose name is known is in the file; whom Canvas does not know, it asks for.
    assert len(found.unknown) == len(HOSTILE) + 1
    assert "left out, as nobody knows whose it is: b.zip" in export.notes


def test_a_learner_is_not_taken_for_the_row_of_points() -> None:
    evil = SubmissionReport("e", (tracking(),), learner=Identity("77", "x Points Possible"))
    found = read(new(of(graded_class(), evil), "T").text, COURSE)
    assert (found.points, found.grades) == ({"T": "2"}, {"T": {9003: "2"}})


@given(st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=5), st.floats(0, 1))
def test_the_number_is_that_of_the_results(points: list[float], penalty: float) -> None:
    steps = tuple(StepResult(f"1/{i}", "t", Outcome.PASSED, each) for i, each in enumerate(points))
    one = SubmissionReport("a", (TaskReport("1", "t", steps),), learner=ALAN, penalty=penalty)
    report: CohortReport = of(graded_class(), one)
    (grade,) = grades(report)
    cell = read(new(report, "T").text, COURSE).grades["T"][9003]
    assert cell == ("" if grade is None else number(grade))
