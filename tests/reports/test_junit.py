"""JUnit XML, read back."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import CohortReport, CourseStamp, Outcome, StepResult, SubmissionReport, TaskReport
from tests.reports.graded_class import written


@pytest.fixture
def root(cohort: CohortReport) -> ET.Element:
    """The document."""
    return ET.fromstring(written("junit", cohort))


def test_a_suite_a_submission_and_a_case_a_step(root: ET.Element, cohort: CohortReport) -> None:
    assert [len(suite.findall("testcase")) for suite in root] == [
        len(submission.steps) or 1 for submission in cohort.submissions
    ]
    assert root[0].attrib["name"] == "ada.tar.gz"
    assert {name: root[0].attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7", "failures": "1", "errors": "1", "skipped": "2",
    }  # fmt: skip
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)


def test_every_outcome_is_an_element(root: ET.Element) -> None:
    cases = root[0].findall("testcase")
    kinds = [[child.tag for child in case] for case in cases]
    assert kinds == [[], ["failure"], ["skipped"], ["skipped"], ["error"], [], []]
    assert cases[1].attrib["name"].startswith("1.1/track The first month")
    assert cases[1].attrib["classname"] == "ada.tar.gz.1.1"
    text = cases[1][0].text or ""
    assert "found: no such file" in text
    assert "next: dvc add data/rentals.csv" in text
    assert cases[3][0].attrib["message"] == "unavailable: Docker is not running on this machine"


def test_a_problem_is_an_error(root: ET.Element) -> None:
    error = root[1].find("testcase/error")
    assert error is not None
    assert error.attrib == {"type": "not-a-submission", "message": "b.zip: the archive ends too early"}


@given(st.text(st.characters()))
def test_any_text_is_xml(text: str) -> None:
    step = StepResult("1.1/a", text, Outcome.FAILED, 1.0, found=text, fix=text)
    report = SubmissionReport(text, (TaskReport("1.1", text, (step,)),))
    document = written("junit", CohortReport(CourseStamp(text, text, text), text, (report,)))
    assert len(list(ET.fromstring(document.encode()).iter("failure"))) == 1
