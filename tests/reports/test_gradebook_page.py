"""The gradebook page, read back: nothing in it runs, loads, or escapes from its place."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import CohortReport, CourseStamp, Outcome, SubmissionReport
from checks.reports.escape import file_names
from checks.reports.words import SYMBOLS
from tests.reports.graded_class import written

VOID = {"meta", "input", "br"}
ELEMENTS = """
html head meta title style body header main h1 h2 h3 p span time dl div dt dd ul li
table thead tbody tr th td a i br section button label input select option output dialog script svg rect text
"""
ATTRIBUTES = """
lang charset http-equiv content name class title id aria-label aria-labelledby role tabindex
scope rowspan colspan href type value hidden autocomplete aria-live data-sort data-row data-late data-finding
viewbox x y width height rx
"""


class Page(HTMLParser):
    """The page's elements, attributes and text, and whether every element is closed in its place."""

    def __init__(self, text: str) -> None:
        """Parse the page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold that the innermost open element is closed."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def text(cohort: CohortReport) -> str:
    """The page of the hostile cohort."""
    return written("html", cohort)


@pytest.fixture
def page(text: str) -> Page:
    """The page, parsed."""
    return Page(text)


def test_only_known_elements_and_attributes(page: Page) -> None:
    assert not page.open
    assert {tag for tag, _ in page.elements} <= set(ELEMENTS.split())
    assert {name for _, attributes in page.elements for name in attributes} <= set(ATTRIBUTES.split())


def test_links_lead_to_places_on_the_page_and_to_feedback(page: Page, cohort: CohortReport) -> None:
    links = [str(attributes["href"]) for attributes in page.all("a")]
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    feedback = [unquote(link) for link in links if not link.startswith("#")]
    names = file_names(submission.submission for submission in cohort.submissions)
    assert feedback[: len(cohort.submissions)] == [f"feedback/{name}" for name in names]
    assert set(feedback) == {f"feedback/{name}" for name in names}


def test_the_policy_allows_the_page_its_own_style_and_script_only(text: str, page: Page) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (style, script)]
    [policy] = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style
    assert "innerHTML" not in script
    assert page.all("script") == [{"type": "application/json", "id": "data"}, {}]


def test_the_evidence_stands_in_the_page_once(text: str, cohort: CohortReport) -> None:
    [found] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data = json.loads(found)
    assert len(data["rows"]) == len(cohort.submissions)
    assert len(data["texts"]) == len(set(data["texts"]))
    told = {
        (data["tasks"][task]["steps"][step[0]][0], data["outcomes"][step[1]][0])
        for row in data["rows"]
        for task, _, steps in row["k"]
        for step in steps
    }
    assert told == {(step.step, step.outcome.value) for one in cohort.submissions for step in one.steps}


def test_who_has_no_name_can_be_clicked_too(text: str) -> None:
    assert "(no name)</a>" in text
    assert not re.search(r"data-row=\"\d+\">\s*</a>", text)


@given(st.text())
def test_no_text_ends_the_element_that_holds_the_evidence(name: str) -> None:
    cohort = CohortReport(CourseStamp("x", "1", "sha256:0"), "2026", (SubmissionReport(f"</script><!--{name}"),))
    page = Page(written("html", cohort))
    assert not page.open
    assert len(page.all("script")) == 2


def test_no_template_in_a_submission_is_rendered_and_the_hidden_and_the_cut_is_said(text: str) -> None:
    assert r"\x1b[31mred" in text
    assert r"\ud800" in text
    assert "(cut: the first 4,000 of 10,000 characters)" in text
    assert "{{ 7 * 7 }}{% raw %}" in text


def test_every_outcome_has_a_word_beside_its_sign(text: str) -> None:
    assert set(re.findall(r'<td class="[pfbue]"><i>(\w+)</i></td>', text)) <= {outcome.value for outcome in Outcome}
    for outcome in Outcome:
        assert f"{SYMBOLS[outcome]} {outcome.value}</span>" in text


def test_a_row_a_submission_and_the_summary(page: Page, cohort: CohortReport) -> None:
    assert len([attributes for attributes in page.all("th") if attributes.get("scope") == "row"]) >= len(
        cohort.submissions
    )
    words = "".join(page.texts)
    assert "not-a-submission: b.zip: the archive ends too early" in words
    assert "1 / 5 verified, 7.5 in all" in words
    assert "No such" not in words
    assert re.search(rf"submissions\s*{len(cohort.submissions)}\s*mean score\s*0.1\s*could not be read\s*2", words)


@pytest.mark.parametrize(("some", "spans"), [(slice(0), set()), (slice(1, 3), {"1"})])
def test_a_class_without_any_score_is_a_page(cohort: CohortReport, some: slice, spans: set[str]) -> None:
    page = Page(written("html", dataclasses.replace(cohort, submissions=cohort.submissions[some])))
    assert not page.open
    assert {cell["colspan"] for cell in page.all("td") if "colspan" in cell} == spans
