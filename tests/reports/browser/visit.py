"""A page in a browser, with everything that it asked for and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}


class Visit:
    """An open page. `requests` are the addresses that it asked for, `messages` its console's, its errors and its alerts."""

    def __init__(self, page: Page, file: Path) -> None:
        """Open the file in the page."""
        self.page = page
        self.file = file
        self.requests: list[str] = []
        self.messages: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("dialog", lambda alert: (self.messages.append(f"alert: {alert.message}"), alert.dismiss()))
        page.goto(file.as_uri())

    @property
    def names(self) -> list[str]:
        """Who stands in the table, from the top."""
        return self.page.locator("#table tbody th a").all_inner_texts()

    @property
    def count(self) -> str:
        """What the page says of how many are shown."""
        return self.page.inner_text("#count")

    def serious(self) -> list[str]:
        """What axe finds that keeps people out: the rule, and the first element that breaks it."""
        found: list[dict[str, Any]] = (
            Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        )
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in SERIOUS]
