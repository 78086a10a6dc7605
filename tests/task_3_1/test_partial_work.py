"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import Mistake, load_mistakes
from tests.some_mistakes import some_of_each_step

TASK = load_course().task("3.1")
STEPS = [step.name for step in TASK.steps]
EDITS = {
    "base-latest", "base-without-tag", "base-without-version", "root-last", "sources-first", "installed-without-versions",
    "shell-form", "unseeded-training",
}  # fmt: skip
"""Mistakes in a file that the learner writes: the next thing to do is an edit, told in words."""


def test_nothing_is_done_yet(begun) -> None:
    results = begun.results()
    assert [results[step].outcome for step in STEPS] == ["failed"] * 3 + ["blocked", "failed", "blocked", "blocked"]
    assert results["pins"].found == "there, but not committed"


def test_the_files_alone_earn_their_points(begun) -> None:
    """Without an engine: the requirements, the recipe and the ignore file; what comes next is to build."""
    for name in ("Dockerfile", ".dockerignore"):
        (begun.folder / name).write_bytes((TASK.path / "solution" / name).read_bytes())
    begun.sh("printf 'scikit-learn==1.9.1\\npandas==3.1.1\\n' > requirements.txt; git add -A; git commit -qm Files")
    results = begun.results()
    assert [results[step].outcome for step in STEPS] == [*["passed"] * 3, "failed", "failed", "blocked", "blocked"]
    assert sum(result.points for result in results.values()) == 4
    assert results["build"].fix.startswith("docker build --tag reproducibility-docker:1.0.0 .")


def test_an_uncommitted_file_is_named(begun) -> None:
    for name in ("Dockerfile", ".dockerignore"):
        (begun.folder / name).write_bytes((TASK.path / "solution" / name).read_bytes())
        step = "dockerfile" if name == "Dockerfile" else "ignore"
        assert begun.results()[step].found == "there, but not committed"
        begun.sh(begun.results()[step].fix)
        assert begun.results()[step].outcome is Outcome.PASSED


@pytest.mark.parametrize("mistake", some_of_each_step(load_mistakes(TASK)), ids=lambda mistake: mistake.name)
def test_what_comes_next_mends_a_mistake(mistaken, engine, mistake: Mistake) -> None:
    clone = mistaken(mistake)
    if mistake.name in EDITS:
        assert clone.results()[mistake.step].fix.startswith("(")
    else:
        clone.follow()
