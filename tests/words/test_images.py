"""The pictures are those that the code draws, can be read by machines, and keep inside their frame."""

from __future__ import annotations

import runpy
import xml.etree.ElementTree as ET
from types import ModuleType

import pytest

from tests.words.pages import ROOT, pages

IMAGES = ROOT / "images"
SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"title": 18 * 0.62, "small": 15 * 0.56, "code": 15 * 0.61, "": 17 * 0.56}  # generous widths of a letter


@pytest.fixture(scope="module")
def pictures() -> tuple[ModuleType, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(IMAGES))
        drawn: tuple[ModuleType, ...] = runpy.run_path(str(IMAGES / "draw.py"))["PICTURES"]
    return drawn


def test_each_file_is_what_its_code_draws(pictures: tuple[ModuleType, ...]) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in IMAGES.glob("*.svg")}
    assert files == {f"{picture.__name__}.svg": picture.draw().svg() for picture in pictures}


def test_each_is_shown_on_a_page() -> None:
    shown = {target.rpartition("/")[2] for page in pages() for _, target in page.images}
    assert {path.name for path in IMAGES.glob("*.svg")} <= shown


def test_each_has_a_title_a_description_and_colours_for_a_dark_page(pictures: tuple[ModuleType, ...]) -> None:
    for picture in pictures:
        text = picture.draw().svg()
        root = ET.fromstring(text)
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None, picture.__name__
        assert description is not None, picture.__name__
        assert title.text
        assert len(description.text or "") > 80, picture.__name__
        assert "prefers-color-scheme: dark" in text


def test_no_words_leave_the_frame(pictures: tuple[ModuleType, ...]) -> None:
    for picture in pictures:
        root = ET.fromstring(picture.draw().svg())
        _, _, width, height = map(int, root.attrib["viewBox"].split())
        for text in root.findall(f"{SVG}text"):  # turned words are inside of a group
            kinds = text.attrib["class"].split()
            letter = next(size for kind, size in SIZES.items() if kind in kinds or not kind)
            words = len(text.text or "") * letter
            start = int(text.attrib["x"]) - (words / 2 if "middle" in kinds else words if "end" in kinds else 0)
            assert start >= 0, (picture.__name__, text.text)
            assert start + words <= width, (picture.__name__, text.text)
            assert 12 <= int(text.attrib["y"]) <= height - 4, (picture.__name__, text.text)
