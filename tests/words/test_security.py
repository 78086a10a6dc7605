"""The limits that docs/security.md tells are those of the code."""

from __future__ import annotations

from checks import limits
from checks.rebuild import limits as rebuild
from checks.selftest.page import Page
from tests.words.pages import ROOT, rows, section

PAGE = Page(ROOT / "docs/security.md")
MIB = 1 << 20


def told(before: str, after: str) -> dict[str, float]:
    """The numbers of one table, without their units."""
    text = section(PAGE, "The limits").split(before)[1].split(after)[0]
    return {what: float(most.split()[0].replace(",", "")) for what, most in rows(text)}


def test_reading() -> None:
    assert told("(`checks/limits.py`)", "Making one work again") == {
        "processor time": limits.SUBMISSION_SECONDS,
        "time by the clock": limits.SUBMISSION_WALL_SECONDS,
        "memory beyond the process's own": limits.SUBMISSION_BYTES / MIB,
        "all files of an archive, unpacked": limits.ARCHIVE_BYTES / MIB,
        "unpacked bytes for each byte of an archive": limits.ARCHIVE_RATIO,
        "files and folders in an archive": limits.ARCHIVE_ENTRIES,
        "folders within each other in an archive": limits.ARCHIVE_DEPTH,
        "a text file that is read": limits.TEXT_BYTES / MIB,
        "a data file that is hashed": limits.HASHED_BYTES / MIB,
        "an MLflow store": limits.MLFLOW_STORE_BYTES / MIB,
        "commits of a branch": limits.COMMITS,
    }


def test_rebuilds() -> None:
    assert told("(`checks/rebuild/limits.py`", "\n## ") == {
        "time by the clock, each run": rebuild.WALL_SECONDS,
        "processor time, each run": rebuild.CPU_SECONDS,
        "memory of one process": rebuild.MEMORY_BYTES / MIB,
        "memory of all processes and what they write": rebuild.TREE_BYTES / MIB,
        "processes and threads": rebuild.PROCESSES,
        "everything written": rebuild.DISK_BYTES / MIB,
        "output": rebuild.OUTPUT_BYTES / MIB,
        "what the lines of a Dockerfile may add": rebuild.IMAGE_BYTES / MIB,
    }
