"""Writing a judged class to a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from itertools import zip_longest
from pathlib import Path

from checks.grading.totals import Totals
from checks.model import CohortReport
from checks.reports import csv, gradebook_page, markdown, results
from checks.reports.class_summary import ClassSummary

FEEDBACK = "feedback"
RESULTS, TABLE, PAGE = FILES = ("results.json", "gradebook.csv", "index.html")


def write_gradebook(report: CohortReport, out: Path) -> Totals:
    """Write `results.json`, `gradebook.csv`, `index.html` and `feedback/`, each complete or not at all.

    Feedback that says the same as before stays the file that it was. Each row may have to be read anew for each pass
    over the class: so there are few.
    """
    out.mkdir(parents=True, exist_ok=True)
    fresh = out / ".feedback.unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    taken: set[str] = set()
    summary, totals = ClassSummary(), Totals()
    for submission in report.submissions:
        summary.add(submission)
        totals.add(submission)
        name = markdown.file_name(submission.submission, taken)
        _put(markdown.render(submission).encode(), fresh / name, out / FEEDBACK / name)
    _replace_folder(fresh, out / FEEDBACK)
    _replace({out / RESULTS: results.chunks(report), out / TABLE: csv.chunks(report, summary)})
    _replace({out / PAGE: gradebook_page.chunks(report, summary)})
    return totals


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


def _replace(contents: Mapping[Path, Iterable[str]]) -> None:
    """Write files piece by piece, side by side, and put them in their places when all are whole."""
    unfinished = {path: path.with_name(f".{path.name}.unfinished") for path in contents}
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in unfinished.values()]
        for pieces in zip_longest(*contents.values(), fillvalue=""):
            for file, piece in zip(files, pieces, strict=True):
                file.write(piece)
    for path, whole in unfinished.items():
        os.replace(whole, path)
