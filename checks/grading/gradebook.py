"""Writing a judged class to a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from checks.model import CohortReport
from checks.reports import csv, gradebook_page, markdown, results

FEEDBACK = "feedback"
FILES = ("results.json", "gradebook.csv", "index.html")


def write_gradebook(report: CohortReport, out: Path) -> None:
    """Write `results.json`, `gradebook.csv`, `index.html` and `feedback/`, each complete or not at all.

    Feedback that says the same as before stays the file that it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    fresh = out / ".feedback.unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    taken: set[str] = set()
    for submission in report.submissions:
        name = markdown.file_name(submission.submission, taken)
        _put(markdown.render(submission).encode(), fresh / name, out / FEEDBACK / name)
    _replace_folder(fresh, out / FEEDBACK)
    for name, chunks in zip(
        FILES, (results.chunks(report), csv.chunks(report), gradebook_page.chunks(report)), strict=True
    ):
        _replace(out / name, chunks)


def _put(content: bytes, place: Path, old: Path) -> None:
    """Write a file, or take the old one where it says the same: not every file system is quick to make a new one.

    Ext4 looks past each file that was deleted in the last minutes (`recently_deleted` in Linux's fs/ext4/ialloc.c).
    """
    with suppress(OSError):  # there is no old one, or no file has two names here
        if not old.is_symlink() and old.read_bytes() == content:
            os.link(old, place)
            return
    place.write_bytes(content)


def _replace_folder(fresh: Path, place: Path) -> None:
    """Put a folder in the place of another, which is deleted only then: that takes long."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        os.replace(place, old)
    os.replace(fresh, place)
    shutil.rmtree(old, ignore_errors=True)


def _replace(path: Path, chunks: Iterable[str]) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(chunks)
    os.replace(unfinished, path)
