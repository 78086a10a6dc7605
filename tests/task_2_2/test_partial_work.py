"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import re

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import find_mistake
from tests.learner_clone import LearnerClone
from tests.mlflow_store import settle

TASK = load_course().task("2.2")
STEPS = [step.name for step in TASK.steps]
HERE = f"here='{TASK.path}/solution'\n"
SOLUTION = (TASK.path / "solution/solve.sh").read_text(encoding="utf-8").replace('here=$(dirname "$0")', "")
GROUPS = [HERE + group for group in re.split(r"^# \d+\. .*$", SOLUTION, flags=re.MULTILINE)[1:]]
TYPED = {
    "error-typed-by-hand": ["best"],
    "one-version": ["register", "register", "register", "alias"],
    "version-outside-the-grid": ["register", "register", "register"],
    "champion-is-second": ["alias", "alias"],
    "too-few-predictions": ["serve"],
}
"""Mistakes whose fixes are typed, and the steps that they lead through: each MLflow process takes seconds, so not all."""
ASKED_AGAIN = "git restore --source HEAD~1 prediction.json; git commit -qm 'Asked again' prediction.json"
"""In place of a server that runs until it is stopped, and of a request that a person sends."""


def test_solution_step_by_step(begun: LearnerClone) -> None:
    """`project` needs nothing, and waits in its place; what needs a step is blocked until it is done."""
    assert len(GROUPS) == len(STEPS)
    for done in range(len(STEPS) + 1):
        if done:
            begun.sh(GROUPS[done - 1])
        results = begun.results()
        outcomes = {name: results[name].outcome for name in STEPS}
        passed = [name for name in STEPS if outcomes[name] is Outcome.PASSED]
        assert passed == STEPS[:done], results
        for step in TASK.steps[done:]:
            ready = all(outcomes[need] is Outcome.PASSED for need in step.needs)
            assert outcomes[step.name] is (Outcome.FAILED if ready else Outcome.BLOCKED)
        assert sum(result.points for result in results.values()) == sum(step.points for step in TASK.steps[:done])
        if done < len(STEPS):
            assert results[STEPS[done]].see == TASK.see(TASK.steps[done])


def test_the_project_is_worth_its_points_alone(begun: LearnerClone) -> None:
    begun.sh(GROUPS[4].replace("git add", f"cp {TASK.path}/solution/tune.py .; git add tune.py"))
    results = begun.results()
    assert results["project"].outcome is Outcome.PASSED
    assert results["grid"].outcome is Outcome.FAILED
    assert results["grid"].fix.endswith("python tune.py")


def test_the_start_says_what_to_finish(begun: LearnerClone) -> None:
    grid = begun.results()["grid"]
    assert grid.outcome is Outcome.FAILED
    assert grid.fix.startswith("(finish the TODOs in tune.py)")


@pytest.mark.parametrize("name", TYPED)
def test_what_comes_next_mends_a_mistake(mistaken, name: str) -> None:
    clone = mistaken(find_mistake(TASK, name))
    assert settle(clone).follow(instead={"serve": ASKED_AGAIN}) == TYPED[name]


def test_a_new_search_mends_the_grid(mistaken) -> None:
    """Its runs are new, so best_run.json is to be kept anew, and the versions are of no complete grid."""
    clone = mistaken(find_mistake(TASK, "combination-twice"))
    assert settle(clone).follow(until="register") == ["grid", "best"]
    register = clone.results()["register"]
    assert "it comes from run depth-" in register.found
    assert "mlflow.register_model('models:/m-" in register.fix
