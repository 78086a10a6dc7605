"""A page of Markdown, as far as its proof needs it: headings, links, pictures, and whether they lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

MIN_WORDS = 80
"""Characters of an alternative text that tells the content of a picture."""


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
    def tokens(self) -> list[Token]:
        """The page as markdown-it reads it."""
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    @cached_property
    def prose(self) -> str:
        """The text without blocks of commands and output."""
        lines = self.text.splitlines(keepends=True)
        for token in self.tokens:
            if token.type == "fence" and token.map:
                lines[token.map[0] : token.map[1]] = [""] * (token.map[1] - token.map[0])
        return "".join(lines)

    @property
    def headings(self) -> list[tuple[str, str]]:
        """Level (`h2`) and title of each heading, as written."""
        return [(one.tag, two.content) for one, two in pairwise(self.tokens) if one.type == "heading_open"]

    @property
    def anchors(self) -> set[str]:
        """The fragments that GitHub gives the headings; the second of the same name ends in `-1`."""
        found: dict[str, int] = {}
        names = set()
        for _, title in self.headings:
            name = anchor(title)
            names.add(f"{name}-{found[name]}" if name in found else name)
            found[name] = found.get(name, 0) + 1
        return names

    @property
    def links(self) -> list[str]:
        """The targets of the page's links, pictures aside."""
        return [str(token.attrs["href"]) for token in self._inline() if token.type == "link_open"]

    @property
    def images(self) -> list[tuple[str, str]]:
        """Alternative text and target of each picture."""
        return [(token.content, str(token.attrs["src"])) for token in self._inline() if token.type == "image"]

    def _inline(self) -> Iterator[Token]:
        return (child for token in self.tokens for child in token.children or ())


def link_faults(page: Page, root: Path) -> Iterator[str]:
    """Each link and picture that a reader in the repository at `root` can't follow, in one sentence."""
    for target in page.links:
        if problem := link_problem(page, target, root):
            yield problem
    for words, target in page.images:
        if problem := link_problem(page, target, root):
            yield problem
        if len(words) <= MIN_WORDS or not words.endswith("."):
            yield f"{target}: the alternative text must tell in sentences what the picture shows"


def link_problem(page: Page, target: str, root: Path) -> str | None:
    """The fault of one link of this page in words, or None. Addresses elsewhere are not opened."""
    if target.startswith(("https://", "mailto:", "http://127.0.0.1:")):
        return None
    if target.startswith("http:"):
        return f"{target} is not encrypted"
    file, _, fragment = target.partition("#")
    path = Path(os.path.normpath(page.path.parent / file)) if file else page.path
    if not path.is_relative_to(root) or not path.exists():
        return f"{target}: no such file"
    if fragment and fragment not in Page(path).anchors:
        return f"{target}: no such heading"
    return None
