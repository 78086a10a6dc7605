"""The repository's Markdown pages, as far as the tests of its words need them."""

from __future__ import annotations

import re
from pathlib import Path

from checks.selftest.page import Page

ROOT = Path(__file__).resolve().parents[2]


def section(page: Page, title: str) -> str:
    """What stands below a heading, down to the next of the same depth."""
    start = re.search(rf"^(#+) {re.escape(title)}\s*$", page.prose, re.MULTILINE)
    assert start, f"{page.path} has no heading {title!r}"
    rest = page.prose[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(table: str) -> list[list[str]]:
    """The cells of the first table in a text, without its head."""
    lines = re.search(r"(?:^\|.*\n?)+", table, re.MULTILINE)
    assert lines, "no table"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[0].splitlines()[2:]]


def pages() -> list[Page]:
    """Every page that a visitor may read, tasks included."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*_*/task*_*/README.md")]
    return [Page(path) for path in sorted(found)]


README = Page(ROOT / "README.md")
COVERAGE = Page(ROOT / "docs" / "coverage.md")
