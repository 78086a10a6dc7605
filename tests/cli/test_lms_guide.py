"""Every `mlsd report` in docs/lms.md, typed as it stands there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from checks.cli.report import Format
from checks.reports import results
from tests.reports.graded_class import graded_class, of
from tests.reports.test_canvas import BOOK
from tests.reports.test_moodle import SHEET

GUIDE = (Path(__file__).parents[2] / "docs" / "lms.md").read_text(encoding="utf-8")
CALLS = [line.strip() for line in GUIDE.splitlines() if line.strip().startswith("mlsd report")]


@pytest.mark.parametrize("call", [call for call in CALLS if " reports/results.json " in call])
def test_a_call_writes_its_file(mlsd, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = graded_class()
    Path("reports").mkdir()
    Path("reports/results.json").write_text(results.render(of(report, *report.submissions[:5])), encoding="utf-8")
    Path("gradebook.csv").write_bytes(BOOK.encode())
    Path("worksheet.csv").write_bytes(SHEET.encode())
    words = shlex.split(call)
    assert mlsd(*words[1:]).code == 0
    written = Path(words[words.index("--output") + 1])
    assert written.is_dir() or written.stat().st_size > 100


def test_a_call_for_one_submission_and_every_format_are_in_the_guide() -> None:
    assert len(CALLS) > 10
    assert [form for form in Format if f"`{form}`" not in GUIDE] == [Format.HTML, Format.ANNOTATIONS]
