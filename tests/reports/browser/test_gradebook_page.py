"""The gradebook, as an instructor uses it in a browser: of a class of 1,000, of real submissions, and of hostile ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import expect

from checks.cli.main import main
from checks.core.course import Course
from checks.model import CohortReport, Outcome
from checks.selftest import example
from tests.reports.browser.class_report import class_report
from tests.reports.browser.visit import Visit
from tests.reports.conftest import ada
from tests.reports.graded_class import graded_class, of, written

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
FIRST = 40
"""Rows that the page draws at once."""
Open = Callable[..., Visit]


@pytest.fixture(scope="session")
def thousand(course: Course) -> CohortReport:
    """A class of 1,000 learners over the six tasks."""
    return class_report(course, 1_000)


@pytest.fixture(scope="session")
def thousand_page(thousand: CohortReport) -> str:
    """Its page."""
    return written("html", thousand)


@pytest.fixture(scope="session")
def real_page(course: Course, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the example class, built and graded as `make grade` does, of task 1.1 alone."""
    one = dataclasses.replace(course, tasks=(course.task("1.1"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(example, "FOLDER", tmp_path_factory.mktemp("example") / "class")
        built = list(example.build_example_class(one, one.tasks))
        folder = example.example_class(one)
    out = tmp_path_factory.mktemp("out")
    assert main(["grade", str(folder), "--out", str(out), "--jobs", "1"]) == 0
    assert len(built) == len(list(folder.iterdir())) - 1  # the stamp
    return (out / "index.html").read_text(encoding="utf-8")


def test_a_real_class_is_read(visit: Open, real_page: str) -> None:
    shown = visit(real_page)
    assert shown.count == "9 of 9 learners"
    assert "could not be read" in shown.page.inner_text("#table")
    shown.page.click("#table tbody tr:has(td.f) a")
    assert "found" in shown.page.inner_text("#evidence")
    assert len(real_page.encode()) < 300_000


def test_a_thousand_are_sorted_by_name_score_and_step(visit: Open, thousand_page: str, thousand: CohortReport) -> None:
    shown = visit(thousand_page)
    shown.page.click("th[data-sort=name] button")
    names = [one.learner.name for one in thousand.submissions if one.learner]
    assert shown.names == sorted(names)[:FIRST]
    shown.page.click("th[data-sort=name] button")
    assert shown.names == sorted(names, reverse=True)[:FIRST]
    shown.page.click("th[data-sort=number1] button")
    scores = [float(text) for text in shown.page.locator("#table tbody td:nth-child(2)").all_inner_texts()]
    assert scores == sorted((one.score for one in thousand.submissions), reverse=True)[:FIRST]
    assert shown.page.get_attribute("th[data-sort=number1]", "aria-sort") == "descending"
    shown.page.click("th[data-sort=step0] button")
    shown.page.click("th[data-sort=step0] button")
    outcomes = shown.page.locator("#table tbody tr td:nth-child(6)").all_text_contents()
    failed = sum(one.steps[0].outcome is Outcome.FAILED for one in thousand.submissions if one.steps)
    assert outcomes == (["failed"] * failed)[:FIRST] + ["passed"] * (FIRST - failed)


def test_a_thousand_are_searched_and_filtered(visit: Open, thousand_page: str, thousand: CohortReport) -> None:
    shown = visit(thousand_page)
    shown.page.keyboard.press("/")
    shown.page.keyboard.type("learner0012")
    assert shown.count == "10 of 1,000 learners"
    shown.page.fill("#search", "")
    late = sum(one.late for one in thousand.submissions)
    shown.page.select_option("#only", "late")
    assert shown.count == f"{late} of 1,000 learners"
    shown.page.select_option("#only", "problem")
    assert shown.count == f"{sum(one.problem is not None for one in thousand.submissions)} of 1,000 learners"
    shown.page.select_option("#only", "")
    shown.page.select_option("#outcome", label="✗ failed")
    shown.page.select_option("#task", index=1)
    failed = sum(
        any(step.outcome is Outcome.FAILED for step in one.tasks[0].steps) for one in thousand.submissions if one.tasks
    )
    assert shown.count == f"{failed} of 1,000 learners"
    assert shown.page.locator("#steps th:visible").count() == len(thousand.submissions[0].tasks[0].steps)
    assert len(shown.names) == FIRST
    shown.page.click("#more")
    assert len(shown.names) == failed > FIRST
    assert len(thousand_page.encode()) < 6_000_000


def test_a_learner_is_opened_by_keyboard_and_the_next_one_in_the_shown_order(visit: Open, thousand_page: str) -> None:
    shown = visit(thousand_page)
    shown.page.click("th[data-sort=name] button")
    shown.page.click("th[data-sort=name] button")
    first, second = shown.names[:2]
    shown.page.locator("#table tbody th a").first.focus()
    shown.page.keyboard.press("Enter")
    assert shown.page.inner_text("#who") == first
    shown.page.get_by_role("button", name="Next").click()
    assert shown.page.inner_text("#who") == second
    shown.page.keyboard.press("Escape")
    assert not shown.page.is_visible("#learner")
    # A browser tells of the end of a dialog a moment after it: the focus goes to the link only then.
    expect(shown.page.locator("#table tbody th a", has_text=second)).to_be_focused()


def test_everything_is_printed(visit: Open, course: Course) -> None:
    shown = visit(written("html", class_report(course, 150)))
    assert len(shown.names) == FIRST
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown.page.emulate_media(media="print")
    assert len(shown.names) == 150
    assert not shown.page.is_visible("#search")
    assert shown.page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_kept_out(visit: Open, real_page: str, scheme: str, width: int) -> None:
    shown = visit(real_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert shown.serious() == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") == width
    shown.page.click("#table tbody tr:has(td.f) a")
    assert shown.serious() == []


def test_no_script_of_a_submission_runs(visit: Open) -> None:
    """Each hostile text is opened, in the learner's view and side by side."""
    report = graded_class()
    shown = visit(written("html", report))
    assert len(shown.names) == len(report.submissions)
    for at in range(len(report.submissions)):
        shown.page.locator("#table tbody th a").nth(at).click()
        shown.page.keyboard.press("Escape")
    for at in range(shown.page.locator("button[data-finding]").count()):
        shown.page.locator("button[data-finding]").nth(at).click()
        shown.page.keyboard.press("Escape")
    assert shown.page.locator("img, iframe, object, embed, form, base").count() == 0
    assert shown.page.evaluate("document.scripts.length") == 2


def test_who_shares_evidence_is_seen_side_by_side(visit: Open) -> None:
    grace = dataclasses.replace(ada(), submission="grace.zip", findings=())
    together = dataclasses.replace(ada(), findings=(dataclasses.replace(ada().findings[0], others=("grace.zip",)),))
    shown = visit(written("html", of(graded_class(), together, grace)))
    shown.page.get_by_role("button", name="side by side").click()
    columns: Sequence[str] = shown.page.locator("#evidence section").all_inner_texts()
    assert ["ada.tar.gz" in columns[0], "grace.zip" in columns[1], len(columns)] == [True, True, 2]
    assert all("2.1/params" in column for column in columns)


def test_what_counts_after_lateness_is_a_column(visit: Open) -> None:
    late = dataclasses.replace(ada(), penalty=0.1)
    shown = visit(written("html", of(graded_class(), late)))
    assert "counts" in shown.page.inner_text("#table thead")
    intime = visit(written("html", of(graded_class(), ada())))
    assert "counts" not in intime.page.inner_text("#table thead")


def test_without_scripts_the_table_leads_to_feedback(visit: Open) -> None:
    shown = visit(written("html", of(graded_class(), ada())), java_script_enabled=False)
    assert shown.page.get_attribute("#table tbody th a", "href") == "feedback/ada.tar.gz.md"
    assert not shown.page.is_visible("#search")
    assert not shown.page.is_visible("button[data-finding]")
