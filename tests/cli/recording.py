"""Write down what `mlsd watch` shows, for the picture in the README: python -m tests.cli.recording

It writes images/watch.txt; `python images/draw.py` then draws it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.core.course import load_course
from checks.selftest.build import begin
from tests.cli.session import first_step_done
from tests.words.pages import ROOT

RECORDING = ROOT / "images/watch.txt"


def main() -> None:
    """Start a task in a fresh clone, and record the screen after its first step."""
    course = load_course()
    with TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        begin(course, [course.task("1.1")], clone)
        RECORDING.write_text(first_step_done(clone), encoding="utf-8")
    sys.stdout.write(f"wrote {RECORDING.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
