"""Writing a judged class to a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from checks.model import CohortReport
from checks.reports import csv, gradebook_page, markdown, results

FEEDBACK = "feedback"
FILES = ("results.json", "gradebook.csv", "index.html")


def write_gradebook(report: CohortReport, out: Path) -> None:
    """Write `results.json`, `gradebook.csv`, `index.html` and `feedback/`, each complete or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    fresh = out / ".feedback.unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    taken: set[str] = set()
    for submission in report.submissions:
        name = markdown.file_name(submission.submission, taken)
        (fresh / name).write_text(markdown.render(submission), encoding="utf-8", newline="\n")
    _replace_folder(fresh, out / FEEDBACK)
    for name, chunks in zip(
        FILES, (results.chunks(report), csv.chunks(report), gradebook_page.chunks(report)), strict=True
    ):
        _replace(out / name, chunks)


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
