"""A page of Markdown, as far as its proof needs it: headings, links, pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_IMAGE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<title>.+?)\s*$", re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@dataclass(frozen=True)
class Page:
    """One file of Markdown."""

    path: Path

    @cached_property
    def text(self) -> str:
        """The whole file."""
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
