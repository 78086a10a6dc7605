"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import re
import shutil

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import find_mistake
from tests.learner_clone import typed
from tests.mlflow_store import settle

TASK = load_course().task("2.1")
RUN_AGAIN = "python track.py"
MISTAKES = ("curve-without-steps", "experiment-named-otherwise", "run-in-default", "starter-committed")
"""Mistakes whose fixes are typed: each run takes seconds, and most mistakes are mended by the same one."""


def test_what_comes_next_leads_from_the_start_to_the_end(begun) -> None:
    """The script is the learner's to write: as it stands, it logs nothing, and the fix says what to write."""
    fix = begun.results()["experiment"].fix
    assert 'mlflow.set_experiment("bike-demand")' in fix
    shutil.copy(TASK.path / "solution/track.py", begun.folder)
    assert begun.follow() == ["experiment"]
    begun.passes()


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


@pytest.mark.parametrize("name", MISTAKES)
def test_what_comes_next_mends_a_mistake(mistaken, name: str) -> None:
    mistake = find_mistake(TASK, name)
    clone = mistaken(mistake)
    assert settle(clone).follow() == [mistake.step]
    clone.passes()


def test_data_that_is_another_learners_is_put_back_before_the_next_run(mistaken) -> None:
    clone = mistaken(find_mistake(TASK, "another-learners-data"))
    assert typed(clone.results()["lineage"].fix) == RUN_AGAIN  # the working file is the learner's own
    (clone.folder / "data/rentals.csv").write_text("timestamp,rentals\n")
    lines = typed(clone.results()["lineage"].fix).splitlines()
    assert lines == ["rm data/rentals.csv", "mlsd start 2.1", RUN_AGAIN]
    clone.sh("\n".join(lines[:2]))
    assert typed(clone.results()["lineage"].fix) == RUN_AGAIN


@pytest.mark.parametrize("kept", ["working", "commit", "neither"])
def test_the_script_itself_is_brought_back(done, kept: str) -> None:
    done.sh("rm -r mlflow.db mlruns")
    if kept != "working":
        done.sh("rm track.py")
    if kept == "neither":
        done.sh("git rm -q --cached track.py; git commit -qm Gone")
    fix = typed(done.results()["experiment"].fix)
    expected = {"working": [], "commit": ["git restore track.py"], "neither": ["mlsd start 2.1"]}[kept]
    assert fix.splitlines() == [*expected, RUN_AGAIN]


def test_names_of_runs_and_places_are_in_the_messages(done) -> None:
    done.sh("rm -r mlruns/*/*/artifacts")
    assert re.search(r'run [0-9a-f]{8} "first forecast"', done.results()["artifact"].looked_at or "")
