"""A roster from a spreadsheet, and whose each submission is."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import limits
from checks.core.data import normalise_id
from checks.core.learner import slug
from checks.grading.matching import LmsName, match, parse_lms_name
from checks.grading.roster import Roster, RosterError, parse_roster, read_roster
from checks.model import Finding, Identity, Problem, SubmissionReport

ADA, BOB = Identity("ada@example.org", "Ada Example"), Identity("bob@example.org", "Bob Example")


def roster(*lines: str) -> Roster:
    return parse_roster("\n".join(lines).encode(), "roster.csv")


def refused(data: bytes) -> str:
    with pytest.raises(RosterError) as error:
        parse_roster(data, "roster.csv")
    return str(error.value)


def test_columns_come_in_any_order_and_others_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("room,E-Mail,extension,Name,ID,source\n7,ada@x.org,2d,Ada,17,a.zip\n", encoding="utf-8")
    (row,) = read_roster(path).rows
    assert row.learner == Identity("17", "Ada", "ada@x.org")
    assert (row.source, row.extension, row.line) == ("a.zip", timedelta(days=2), 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfid;name\r\n17;Ad\xc3\xa9\r\n",
        "\ufeffid\tname\r\n17\tAdé\r\n".encode("utf-16-le"),
        "\ufeffid,name\n17,Adé\n".encode("utf-16-be"),
        "sep=;\r\nid;name\r\n;\r\n17;Adé;\r\n".encode().replace(b";\r\n17;Ad\xc3\xa9;", b"\r\n17;Ad\xc3\xa9"),
        "id,name\r17,Adé\r".encode(),
        'id,name,source\n17,"Adé"'.encode(),
    ],
    ids=["semicolons-bom", "utf-16-tabs", "utf-16-big", "sep-line", "old-mac", "short-row"],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    (row,) = parse_roster(data, "roster.csv").rows
    assert row.learner == Identity("17", "Adé")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: expected the names of the columns"),
        (b"name,email\nAda,a@x\n", "line 1: expected the names of the columns, `id` among them"),
        (b"id,name\n", "nobody is in it"),
        (b"id,id\n1,2\n", "line 1: two columns are named 'id'"),
        (b"id,name\n1,a\n\n 1 ,b\n", "line 4: id '1' is that of line 2 already"),
        (b"id,email\n1,A@x\n2,a@X\n", "line 3: email 'a@x' is that of line 2 already"),
        (b"id,source\n1,a.zip\n2,a.zip\n", "line 3: source 'a.zip' is that of line 2 already"),
        (b"id,name\n,Ada\n", "line 2: no `id`"),
        (b"id,name\n1,Example, Ada\n", "line 2: 3 cells below 2 names"),
        (b'id,name\n1,"Ada\n', "line 2: no CSV"),
        (b'id,name\n1,"A\nda"\n', "line 2: name holds a line break"),
        (b"id,name\n1,\x1b[2J\n", "line 2: name holds a line break or another control character"),
        (b"id,name\n1,Ada\n2,Jos\xe9\n", "line 3: not UTF-8"),
        (b"id,extension\n1,soon\n", "line 2: extension: 'soon' is no extension"),
        (b"id\n" + b"x" * 300, "line 2: id has 300 characters"),
        (b"id,name\n1," + b"x" * 1001, "line 2: name has 1,001 characters"),
        (b"id,name\n1," + b"x" * 200_000, "line 2: no CSV: field larger than field limit"),
        (b"x" * (limits.ROSTER_BYTES + 1), "bytes are no roster"),
    ],
)
def test_a_mistake_is_named_with_its_line(data: bytes, said: str) -> None:
    assert said in refused(data)
    assert refused(data).startswith("roster.csv")


def test_a_roster_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="No such file"):
        read_roster(tmp_path / "none.csv")


_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)


@given(
    rows=st.lists(
        st.tuples(_TEXT.filter(normalise_id), _TEXT), min_size=1, max_size=8, unique_by=lambda row: normalise_id(row[0])
    ),
    separator=st.sampled_from(",;\t"),
    bom=st.booleans(),
)
def test_what_a_csv_writer_wrote_comes_back(rows: list[tuple[str, str]], separator: str, bom: bool) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows([("id", "name"), *rows])
    found = parse_roster(stream.getvalue().encode("utf-8-sig" if bom else "utf-8"), "r").rows
    assert [(row.learner.id, row.learner.name) for row in found] == [(i.strip(), name.strip()) for i, name in rows]


@given(
    data=st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"id,name,extension\n{text}".encode("utf-8", "replace"))
)
def test_any_bytes_are_a_roster_or_a_clear_error(data: bytes) -> None:
    try:
        rows = parse_roster(data, "r").rows
    except RosterError:
        return
    assert all(normalise_id(row.learner.id) and len(row.learner.name) <= limits.ROSTER_CELL for row in rows)


def in_class(the_roster: Roster, *works: tuple[str, Identity | None]) -> list[SubmissionReport]:
    matching = match(the_roster, works)
    reports = [SubmissionReport(name, learner=learner) for name, learner in works]
    return [*map(matching.matched, reports), *matching.missing()]


def owners(the_roster: Roster, **works: Identity | None) -> dict[str, str]:
    return {name: row.learner.id for name, row in match(the_roster, works.items()).owners.items()}


@pytest.mark.parametrize(
    ("line", "submission", "says"),
    [
        ("17,,,work.zip", "work.zip", None),
        ("17,,,work", "work.tar.gz", None),
        ("17,,,Ade\u0301", "Adé", BOB),
        ("17,,,solution/x", "solution/x", None),
        ("17,,,", "x.zip", Identity(" 17", "")),
        ("17,,ada@example.org,", "x.zip", ADA),
        ("17,,ada@example.org,", "ada@example.org.tar.zst", None),
        ("ada@example.org,,,", "solution/ada-example-org", None),
        ("ada@example.org,,,", "origin/solution/ada-example-org", None),
        ("17,,ada@example.org,", "solution/ada-example-org", None),
        ("Élan,,,", f"solution/{slug('Élan')}", None),
        ("17,Ada Example,,", "ada-example.zip", None),
        ("17,Ada Example,,", "exampleada", None),
        ("17,Ada Example,,", "exampleada_LATE_12345_67890_ada.zip", None),
        ("17,Ada Example,,", "Ada Example_123456_assignsubmission_file_", None),
    ],
)
def test_a_submission_finds_its_learner(line: str, submission: str, says: Identity | None) -> None:
    found = match(roster("id,name,email,source", line, "other,,,"), [(submission, says)])
    assert found.owners[submission].line == 2


def test_the_source_stands_above_the_name_and_the_name_above_the_work() -> None:
    both = roster("id,source", "ada@example.org,bob@example.org.zip", "bob@example.org,")
    assert owners(both, **{"bob@example.org.zip": BOB}) == {"bob@example.org.zip": "ada@example.org"}
    plain = roster("id", "ada@example.org", "bob@example.org")
    assert owners(plain, **{"bob@example.org.zip": ADA}) == {"bob@example.org.zip": "bob@example.org"}


def test_a_full_name_that_two_learners_have_decides_nothing() -> None:
    assert owners(roster("id,name", "1,Ada Example", "2,Example Ada"), **{"ada example": None}) == {}


def test_a_class_is_put_in_order() -> None:
    works = ("ada", ADA), ("bob@example.org", ADA), ("stranger", Identity("eve", ""))
    the_roster = roster("id,name,source", "ada@example.org,Ada Example,", "bob@example.org,Bob,", "cy,Cy,cy.zip")
    ada, bob, stranger, cy = in_class(the_roster, *works)
    assert (ada.learner, ada.findings) == (ADA, ())
    assert bob.learner == Identity("bob@example.org", "Bob")
    (finding,) = bob.findings
    assert finding.kind == "identity"
    assert "from ada@example.org, and the roster that it is from bob@example.org" in finding.detail
    assert stranger.learner == Identity("eve", "")
    assert [finding.kind for finding in stranger.findings] == ["not-in-roster"]
    assert "the work says eve" in stranger.findings[0].detail
    assert cy.submission == "cy.zip"
    assert cy.problem == Problem("missing", "nothing was handed in: there is no submission named cy.zip")


def test_who_has_a_source_is_found_by_it_alone() -> None:
    matching = match(roster("id,source", "ada@example.org,a.zip"), [("b.zip", ADA)])
    assert "whose `source` is a.zip" in matching.matched(SubmissionReport("b.zip", learner=ADA)).findings[0].detail
    assert [report.submission for report in matching.missing()] == ["a.zip"]


def test_two_submissions_of_one_learner_are_both_shown() -> None:
    ada, again = in_class(roster("id", "ada@example.org"), ("a.zip", ADA), ("b.zip", ADA))
    detail = "2 submissions are from ada@example.org: name the one that counts as `source`"
    assert ada.findings == (Finding("claimed-twice", "", detail, ("b.zip",)),)
    assert again.findings == (Finding("claimed-twice", "", detail, ("a.zip",)),)


def test_many_submissions_of_one_learner_make_no_long_findings() -> None:
    reports = in_class(roster("id", "ada@example.org"), *((f"{number}.zip", ADA) for number in range(300)))
    assert len(reports) == 300
    for report in reports:
        (finding,) = report.findings
        assert len(finding.others) == limits.FINDING_NAMES
        assert report.submission not in finding.others
        assert "300 submissions" in finding.detail


def test_a_missing_learner_never_takes_the_name_of_a_submission() -> None:
    the_roster = roster("id,source", "ada@example.org,bob", "bob,cy")
    reports = in_class(the_roster, ("bob", None), ("bob (missing)", None))
    names = [report.submission for report in reports]
    assert len(set(names)) == len(names) == 3


def test_extensions_are_by_the_roster_s_id() -> None:
    extensions = roster("id,extension", "17,2", "18,", "19,2026-12-01T12:00+00:00").extensions()
    assert extensions == {"17": timedelta(days=2), "19": datetime(2026, 12, 1, 12, tzinfo=UTC)}


LMS_NAMES = {
    "lovelaceada_12345_67890_ada.tar.gz": LmsName("canvas", "lovelaceada", "12345", "ada.tar.gz", False),
    "lovelaceada_LATE_12345_67890_ada.tar-1.gz": LmsName("canvas", "lovelaceada", "12345", "ada.tar-1.gz", True),
    "lovelaceada_1_2_my_3_4_work.zip": LmsName("canvas", "lovelaceada", "1", "my_3_4_work.zip", False),
    "gómezana_LATE_7_8_x.zip": LmsName("canvas", "gómezana", "7", "x.zip", True),
    "Ada Lovelace_123456_assignsubmission_file_": LmsName("moodle", "Ada Lovelace", "123456", "", None),
    "Ada Lovelace_123456_assignsubmission_file": LmsName("moodle", "Ada Lovelace", "123456", "", None),
    "Ada_B Lovelace_1_assignsubmission_file_w_1_2_k.zip": LmsName("moodle", "Ada_B Lovelace", "1", "w_1_2_k.zip", None),
    "Participant 12_34_assignsubmission_file_": LmsName("moodle", "Participant 12", "34", "", None),
}


@pytest.mark.parametrize("name", LMS_NAMES)
def test_an_lms_name_is_read(name: str) -> None:
    assert parse_lms_name(name) == LMS_NAMES[name]


@pytest.mark.parametrize("name", ["ada.tar.gz", "ada_lovelace.zip", "task_1_final.zip", "_1_2_", "solution/ada", ""])
def test_another_name_tells_nothing(name: str) -> None:
    assert parse_lms_name(name) is None


@given(st.text(max_size=300))
def test_any_name_is_answered(name: str) -> None:
    found = parse_lms_name(name)
    assert found is None or (found.name and found.id.isdecimal() and found.name in name)


@given(
    st.text("abcdé", min_size=1, max_size=10),
    st.booleans(),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.text(min_size=1, max_size=20),
)
def test_canvas(name: str, late: bool, user: int, attachment: int, file: str) -> None:
    said = f"{name}_{'LATE_' if late else ''}{user}_{attachment}_{file}"
    if "_assignsubmission_file" not in said:
        assert parse_lms_name(said) == LmsName("canvas", name, str(user), file, late)
