"""The example class is built whole, or without what can't be built, which is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.cli.main import main
from checks.core.course import load_course
from checks.selftest.example import FOLDER, is_built
from tests.selftest.small_course import write

WHOLE = {"starter", "broken.tar.gz", "solution", "mistake-1.1-absent", "mistake-1.1-forgotten"}


@pytest.mark.parametrize(
    ("edits", "there", "told"),
    [
        ({}, WHOLE, None),
        ({"make": "echo half > half\necho no such commit >&2\nexit 3\n"}, WHOLE - {"mistake-1.1-forgotten"},
         "left out: mistake-1.1-forgotten could not be built: "),
        ({"solution": "echo no such commit >&2\nexit 3\n"}, {"starter", "broken.tar.gz", "solution"},
         "left out: the solution of 1.1 could not be built whole, and none of its mistakes: "),
    ],
    ids=["whole", "a mistake", "a solution"],
)  # fmt: skip
def test_what_cannot_be_built_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edits: dict[str, str], there: set[str], told: str | None
) -> None:
    root = tmp_path / "course"
    write(root, **edits)
    out = tmp_path / "out"
    assert main(["grade", "--course", str(root), "--out", str(out), "--jobs", "1"]) == 0
    assert {path.name for path in (root / FOLDER).iterdir() if not path.name.startswith(".")} == there
    assert {path.stem for path in (out / "feedback").iterdir()} >= there - {"broken.tar.gz"}
    told_beside = capsys.readouterr().err.splitlines()
    assert any(line.startswith("building: ") for line in told_beside)
    said = [line for line in told_beside if line.startswith("left out: ")]
    assert bool(said) is (told is not None)
    for line in said:
        assert line.startswith(told or "")
        assert "make.sh` ended with 3" in line or "solve.sh` ended with 3" in line
        assert "no such commit" in line
    course = load_course(root)
    assert is_built(course, course.tasks)
