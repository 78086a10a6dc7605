"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.build import make_mistake
from checks.selftest.mistake import Mistake, load_mistakes

TASK = load_course().task("2.1")
INSPECTED = [mistake for mistake in load_mistakes(TASK) if not mistake.rebuild]
ROUNDS = 4
PATHS = (("experiments", "artifact_location"), ("runs", "artifact_uri"), ("logged_models", "artifact_location"))
RUN_AGAIN = "python track.py"
TYPED = (
    "curve-without-steps",
    "experiment-named-otherwise",
    "run-in-default",
    "starter-committed",
)
"""Mistakes whose fixes are really typed: each run takes seconds, and most mistakes are mended by the same one."""


def commands(fix: str | None) -> str:
    """The lines to type; those in parentheses tell a person what to write into the script."""
    return "\n".join(line for line in (fix or "").splitlines() if not line.startswith("("))


def settle(clone) -> None:
    """Make the store of a copied clone its own: MLflow logs to whole paths, which lead to the clone that was copied."""
    with sqlite3.connect(clone.folder / "mlflow.db") as store:
        ((old,),) = store.execute("SELECT artifact_location FROM experiments WHERE experiment_id = 0")
        new = str(clone.folder / "mlruns/0")
        for table, column in PATHS:
            store.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)",
                (old.removesuffix("/0"), new.removesuffix("/0")),
            )


def follow(clone) -> list[str]:
    """Do what the first failing step names until every step is passed; the steps on the way."""
    path: list[str] = []
    for _ in range(ROUNDS):
        failed = [result for result in clone.results().values() if result.outcome is Outcome.FAILED]
        if not failed:
            clone.passes()
            return path
        path.append(failed[0].step.partition("/")[2])
        clone.sh(commands(failed[0].fix))
    raise AssertionError(f"no end: {path}")


def test_what_comes_next_leads_from_the_start_to_the_end(begun) -> None:
    """The script is the learner's to write: as it stands, it logs nothing, and the fix says what to write."""
    fix = begun.results()["experiment"].fix
    assert 'mlflow.set_experiment("bike-demand")' in fix
    shutil.copy(TASK.path / "solution/track.py", begun.folder)
    assert follow(begun) == ["experiment"]


def test_a_step_is_blocked_only_by_what_it_needs(done) -> None:
    done.sh("rm -r mlruns/*/*/artifacts mlruns/*/models; git commit -q --amend -m 'Another message'")
    outcomes = {name: result.outcome for name, result in done.results().items()}
    assert outcomes == {
        "experiment": Outcome.PASSED,
        "params": Outcome.PASSED,
        "metrics": Outcome.PASSED,
        "artifact": Outcome.FAILED,
        "model": Outcome.FAILED,
        "lineage": Outcome.FAILED,
        "truth": Outcome.BLOCKED,
    }


@pytest.mark.parametrize("mistake", INSPECTED, ids=lambda mistake: mistake.name)
def test_what_comes_next_mends_a_mistake(clone_at, solution_of, tmp_path: Path, mistake: Mistake) -> None:
    clone = clone_at(tmp_path / "clone")
    make_mistake(clone.course, clone.task, mistake, clone.root, solution_of(clone.task))
    fix = commands(clone.results()[mistake.step].fix)
    if mistake.name in TYPED:
        settle(clone)
        assert follow(clone) == [mistake.step]
    elif mistake.name == "another-learners-data":
        assert fix == RUN_AGAIN  # the working file is the learner's own
    else:
        assert fix == RUN_AGAIN, "a new kind of fix has to be typed by this test"


def test_data_that_is_another_learners_is_put_back_before_the_next_run(clone_at, solution_of, tmp_path: Path) -> None:
    clone = clone_at(tmp_path / "clone")
    mistake = next(mistake for mistake in load_mistakes(TASK) if mistake.name == "another-learners-data")
    make_mistake(clone.course, clone.task, mistake, clone.root, solution_of(clone.task))
    (clone.folder / "data/rentals.csv").write_text("timestamp,rentals\n")
    lines = commands(clone.results()["lineage"].fix).splitlines()
    assert lines == ["rm data/rentals.csv", "mlsd start 2.1", RUN_AGAIN]
    clone.sh("\n".join(lines[:2]))
    assert commands(clone.results()["lineage"].fix) == RUN_AGAIN


@pytest.mark.parametrize("kept", ["working", "commit", "neither"])
def test_the_script_itself_is_brought_back(done, kept: str) -> None:
    done.sh("rm -r mlflow.db mlruns")
    if kept != "working":
        done.sh("rm track.py")
    if kept == "neither":
        done.sh("git rm -q --cached track.py; git commit -qm Gone")
    fix = commands(done.results()["experiment"].fix)
    expected = {"working": [], "commit": ["git restore track.py"], "neither": ["mlsd start 2.1"]}[kept]
    assert fix.splitlines() == [*expected, RUN_AGAIN]


def test_names_of_runs_and_places_are_in_the_messages(done) -> None:
    done.sh("rm -r mlruns/*/*/artifacts")
    assert re.search(r'run [0-9a-f]{8} "first forecast"', done.results()["artifact"].looked_at or "")
