"""The report of the weekly run: the versions, and what failed, out of what the tools really print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAILING = """
import pytest

def test_wrong():
    assert False

@pytest.fixture
def broken():
    raise ValueError

def test_without_ground(broken):
    pass
"""


def drift(folder: Path, *logs: str) -> str:
    command = [sys.executable, "-X", "utf8", str(ROOT / ".ci/drift.py"), *logs]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_what_failed_is_named(tmp_path: Path) -> None:
    (tmp_path / "selftest.txt").write_text("✓ proved   1.1 a\n✗ FAULT    2.1 b ```\n1 proved\n", encoding="utf-8")
    report = drift(tmp_path, "selftest.txt", "tests.txt")
    assert "**selftest**: 1 failure named. It ends with:\n\n```text\n✗ FAULT    2.1 b '''\n1 proved\n```" in report
    assert "**tests** was not begun." in report


def test_make_test_prints_what_the_report_looks_for(tmp_path: Path) -> None:
    """pytest names failures in its summary only where it is asked to: with the options of the Makefile."""
    (recipe,) = re.findall(r"-m pytest (.+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    (shown,) = re.findall(r"(?<= )-r\w+", recipe)
    (tmp_path / "test_it.py").write_text(FAILING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", shown, "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
    (tmp_path / "tests.txt").write_text(done.stdout, encoding="utf-8")
    report = drift(tmp_path, "tests.txt")
    assert "**tests**: 2 failures named" in report
    assert "FAILED test_it.py::test_wrong" in report
    assert "ERROR test_it.py::test_without_ground" in report
    assert re.search(r"^1 failed, 1 error in .*\n```$", report, re.MULTILINE)
