"""Whether the links and pictures of a page lead somewhere inside the repository, and the pictures are told in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from checks.selftest.markdown import Page

MIN_WORDS = 80
"""Characters of an alternative text that tells what a picture shows."""


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
    """What is wrong with one link of this page, or None. Addresses elsewhere are not opened."""
    if target.startswith(("https://", "mailto:")):
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
