"""The repository's Markdown pages, as far as the tests of its words need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from checks.selftest.readme import anchor

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_IMAGE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<title>.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file of the repository."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without blocks of commands and output."""
        return _FENCE.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """The fragments that GitHub gives the headings; the second of the same name ends in `-1`."""
        found: dict[str, int] = {}
        names = set()
        for match in _HEADING.finditer(self.prose):
            name = anchor(match["title"])
            names.add(f"{name}-{found[name]}" if name in found else name)
            found[name] = found.get(name, 0) + 1
        return names

    @property
    def links(self) -> list[str]:
        """What the page links to, pictures aside."""
        return [match["target"] for match in _LINK.finditer(_CODE.sub("code", self.prose))]

    @property
    def images(self) -> list[tuple[str, str]]:
        """Alternative text and target of each picture."""
        return [(match["words"], match["target"]) for match in _IMAGE.finditer(self.prose)]

    def section(self, title: str) -> str:
        """What stands below a heading, down to the next of the same depth."""
        start = re.search(rf"^(#+) {re.escape(title)}\s*$", self.prose, re.MULTILINE)
        assert start, f"{self.path} has no heading {title!r}"
        rest = self.prose[start.end() :]
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
