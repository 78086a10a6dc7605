"""The page of `mlsd status --html`, in a browser."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from checks.reports.page import learner_page
from tests.reports.browser.visit import Visit
from tests.reports.conftest import HOSTILE, ada, hostile, tracking

CREATED = "2026-11-22T10:00:00Z"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_path_leads_to_the_step_that_is_next(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    page = visit(
        learner_page(ada(), course="mlsd-workshop", created=CREATED),
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    assert page.serious() == []
    assert page.page.evaluate("document.documentElement.scrollWidth") == width
    stages = page.page.locator(".path li").all_inner_texts()
    assert ["begun" in stages[0], "you are here" in stages[0], "finished" in stages[1]] == [True] * 3
    page.page.click(".next a")
    assert page.page.evaluate("location.hash") == "#task-1.1"
    assert "dvc add data/rentals.csv" in page.page.inner_text(".next")


def test_texts_of_the_work_stay_texts(visit: Callable[..., Visit]) -> None:
    for text in HOSTILE[:16]:
        page = visit(learner_page(hostile(text), course="x", created=CREATED))
        assert page.page.evaluate("document.scripts.length") == 0
        assert page.page.locator("img, iframe, object, form").count() == 0


def test_who_has_finished_is_told_so(visit: Callable[..., Visit]) -> None:
    done = dataclasses.replace(ada(), tasks=(tracking(),))
    assert "Every step passed." in visit(learner_page(done, course="x", created=CREATED)).page.inner_text(".next")
