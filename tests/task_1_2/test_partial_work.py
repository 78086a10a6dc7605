"""Work that is not finished: what is done counts, and doing what the message names leads on."""

from __future__ import annotations

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import Mistake, load_mistakes
from tests.some_mistakes import some_of_each_step

TASK = load_course().task("1.2")
SOLUTION = TASK.path / "solution"
STEPS = [step.name for step in TASK.steps if not step.rebuild]
ORIGINAL = f"sed 1d {SOLUTION}/stages.yaml > dvc.yaml; cp {SOLUTION}/pipeline/*.py pipeline/"
BY_HAND = {
    "stages-not-joined": ORIGINAL,
    "script-is-no-dependency": ORIGINAL,
    "parameter-not-declared": ORIGINAL,
    "number-in-the-script": ORIGINAL,
    "split-overlaps": ORIGINAL,
    "share-of-its-own": ORIGINAL,
    "train-reads-test-rows": ORIGINAL,
    "duplicates-kept": ORIGINAL,
    "evaluated-on-training-rows": ORIGINAL,
    "predictions-are-the-truth": ORIGINAL,
    "metrics-cached": f"{ORIGINAL}; sed -i '/metrics.json/d' .gitignore",
}
"""What a person does for the lines in parentheses: edit a file."""


@pytest.mark.parametrize("mistake", some_of_each_step(load_mistakes(TASK)), ids=lambda mistake: mistake.name)
def test_what_comes_next_mends_a_mistake(mistaken, mistake: Mistake) -> None:
    clone = mistaken(mistake)
    if mistake.name in BY_HAND:
        assert "(" in clone.results()[mistake.step].fix
        clone.sh(BY_HAND[mistake.name])
    clone.follow()


def test_the_starter_scores_nothing_and_says_where_to_begin(begun) -> None:
    results = begun.results()
    assert results["stages"].outcome is Outcome.FAILED
    assert not [result for result in results.values() if result.outcome in {Outcome.PASSED, Outcome.ERROR}]


@pytest.mark.parametrize("script", ["preprocess", "train", "evaluate"])
def test_an_unfinished_script_says_so(begun, script: str) -> None:
    begun.sh(
        f"for s in {script}; do cp pipeline/$s.py keep.py; cp {SOLUTION}/pipeline/*.py pipeline/; done\n"
        "python pipeline/preprocess.py; python pipeline/train.py\n"
        f"mv keep.py pipeline/{script}.py\n"
        f"! python pipeline/{script}.py 2> said\ngrep -q 'pipeline/{script}.py is not finished' said"
    )


def test_stages_without_a_run_count(begun) -> None:
    begun.sh(f"dvc init -q --subdir; dvc add -q data/rentals.csv\n{ORIGINAL}\ngit add -A .; git commit -qm Stages")
    outcomes = {name: result.outcome for name, result in begun.results().items()}
    assert [outcomes[name] for name in STEPS] == [
        Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.BLOCKED, Outcome.BLOCKED,
    ]  # fmt: skip
    assert begun.results()["lock"].fix == (
        'dvc repro\ngit add -u .\ngit add dvc.lock metrics.json\ngit commit -m "Run the pipeline"'
    )
