"""The pages do not tell a learner that something is easy."""

from __future__ import annotations

import re

import pytest

from checks.selftest.page import Page
from tests.words.pages import ROOT, pages

BELITTLING = re.compile(r"\b(?:just|simply|obviously|easily|easy|trivial(?:ly)?|of course)\b", re.IGNORECASE)
ALL = pages()


@pytest.mark.parametrize("page", ALL, ids=[str(page.path.relative_to(ROOT)) for page in ALL])
def test_no_word_belittles_the_work(page: Page) -> None:
    assert [line for line in page.prose.splitlines() if BELITTLING.search(line)] == []
