"""A browser, and what a page did in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import chromium, executable
from tests.reports.browser.visit import Visit


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """This machine's browser."""
    path = executable()
    if path is None:
        if os.environ.get("REQUIRE_ENGINES") == "1":
            pytest.fail("no browser: make engines")
        pytest.skip("no browser: make engines")
    with chromium(path) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Opens a page of HTML in a window of its own. In the end, it must have run nothing strange and asked for nothing."""
    visits: list[Visit] = []

    def open_page(text: str, **window: object) -> Visit:
        file = tmp_path / f"page{len(visits)}.html"
        file.write_text(text, encoding="utf-8")
        page: Page = browser.new_context(offline=True, **window).new_page()  # type: ignore[arg-type]
        visits.append(Visit(page, file))
        return visits[-1]

    yield open_page
    for one in visits:
        one.page.context.close()
        assert one.requests == [one.file.as_uri()]
        assert one.messages == []
