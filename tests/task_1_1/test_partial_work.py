"""Work that is not finished: what is done counts, what comes next is named, and doing what is named leads on."""

from __future__ import annotations

import re

import pytest

from checks.core.course import load_course
from checks.model import Outcome
from checks.selftest.mistake import Mistake, load_mistakes

TASK = load_course().task("1.1")
STEPS = [step.name for step in TASK.steps]
GROUPS = re.split(r"^# \d+\. .*$", (TASK.path / "solution/solve.sh").read_text(), flags=re.MULTILINE)[1:]
NEEDS_A_HUMAN = {
    "credential-in-configuration": "which line of the commit is the secret, and who must change it where it is valid",
}
"""Mistakes whose `fix` can't be commands alone, and why."""
EDITORS = {"GIT_SEQUENCE_EDITOR": "sed -i -e 1s/^pick/edit/"}
"""What a person does in the list that `git rebase --interactive` opens: edit the first commit."""


def test_solution_step_by_step(begun) -> None:
    assert len(GROUPS) == len(STEPS)
    for done in range(len(STEPS) + 1):
        if done:
            begun.sh(GROUPS[done - 1])
        results = begun.results()
        expected = [Outcome.PASSED] * done
        if done < len(STEPS):
            expected += [Outcome.FAILED, *[Outcome.BLOCKED] * (len(STEPS) - done - 1)]
        assert [result.outcome for result in results.values()] == expected
        assert sum(result.points for result in results.values()) == sum(step.points for step in TASK.steps[:done])
        assert sum(result.max_points for result in results.values()) == TASK.points
        if done < len(STEPS):
            assert results[STEPS[done]].see == TASK.see(TASK.steps[done])


def test_what_comes_next_leads_from_the_start_to_the_end(begun) -> None:
    path = begun.follow(**EDITORS)
    assert list(dict.fromkeys(path)) == [step for step in STEPS if step in path]
    assert path[0] == "init"
    assert set(path) >= {"init", "track", "update", "tag", "remote"}


def test_what_comes_next_leads_on_with_the_folder_tracked(begun) -> None:
    begun.sh("dvc init -q --subdir; git commit -qm Init; dvc add -q data")
    path = begun.follow(**EDITORS)
    assert path[0] == "track"
    assert (begun.folder / "data.dvc").is_file()


def test_what_comes_next_leads_on_with_dvc_at_the_root(begun) -> None:
    begun.sh("cd ../..; dvc init -q; git restore --staged .dvc .dvcignore")
    path = begun.follow(**EDITORS)
    assert path[0] == "init"
    assert not (begun.folder / ".dvc").exists()


@pytest.mark.parametrize("mistake", load_mistakes(TASK), ids=lambda mistake: mistake.name)
def test_what_comes_next_mends_a_mistake(mistaken, mistake: Mistake) -> None:
    clone = mistaken(mistake)
    if mistake.name in NEEDS_A_HUMAN:
        fix = clone.results()[mistake.step].fix
        assert fix.startswith("(")
        assert "git rebase --interactive" in fix
        return
    path = clone.follow(**EDITORS)
    assert path[0] == mistake.step


# The step that must fail first, and what was typed before.
TROUBLE: dict[str, tuple[str, str]] = {
    "data in Git from before DVC": ("track", "git add -f data/rentals.csv; git commit -qm Data"),
    "data deleted before it was added": ("track", "rm data/rentals.csv"),
}
LATER: dict[str, tuple[str, str]] = {
    "DVC without Git": ("init", "git rm -q .dvc/.gitignore; git commit -qm Gone; printf '' > .dvc/.gitignore"),
    "the ignore file never committed": ("init", "git rm -q --cached .dvc/.gitignore; git commit -qm Gone"),
    "data/.gitignore deleted": ("track", "git rm -q data/.gitignore; git commit -qm Gone"),
    "a malformed pointer": ("track", "echo '<<<<<<<' >> data/rentals.csv.dvc; git commit -qam Conflict"),
    "a wrong size in the pointer": ("track",
        ("git switch -q --detach data-v1.0.0; git switch -qC solution/x; git branch | grep ada | xargs git branch -qD;"
        "sed -i 's/size: ../size: 77/' data/rentals.csv.dvc; git commit -q --amend -a --no-edit")),
    "only the second version is lost everywhere": ("update",
        "git reset -q --hard data-v1.0.0; rm -rf .dvc/cache ../../.storage data/rentals.csv incoming append_month.py"),
    "both versions are lost everywhere": ("remote", "rm -rf .dvc/cache ../../.storage data/rentals.csv"),
    "prefixed tags, nothing pushed": ("remote",
        ("rm -rf ../../.storage; git tag a/data-v1.0.0 data-v1.0.0; git tag a/data-v1.1.0 data-v1.1.0;"
        "git tag -d data-v1.0.0 data-v1.1.0")),
    "a tag of a file": ("tag", "git tag -f data-v1.0.0 HEAD:./data/rentals.csv.dvc"),
    "damaged in the cache and gone from the remote": ("remote",
        "rm -rf ../../.storage; for o in $(find .dvc/cache -type f); do chmod u+w $o; echo x >> $o; done"),
    "remotes without a default": ("remote", "dvc config -u core.remote; git commit -qam 'No default'"),
    "a default that is no remote": ("remote", "dvc config core.remote nowhere; git commit -qam 'Nowhere'"),
    "a remote that was not committed": ("remote",
        ("git rm -q --cached .dvc/config; git commit -qm x; dvc remote remove storage; git add .dvc/config;"
        "git commit -qm y; dvc remote add -q -d storage ../../.storage")),
    "stopped in the middle of step 6": ("restore",
        "git restore --source data-v1.0.0 data/rentals.csv.dvc; dvc pull -q"),
    "the old version checked out with Git": ("restore",
        "git checkout -q data-v1.0.0 -- data/rentals.csv.dvc; dvc pull -q"),
    "at the tag with its data": ("restore", "git switch -q --detach data-v1.0.0; dvc pull -q 2>&1 || dvc checkout -q"),
    "a row added by hand": ("restore", "echo 1,2,3 >> data/rentals.csv"),
    "a folder in the place of the data": ("restore", "rm data/rentals.csv; ln -s /etc/hostname data/rentals.csv"),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_comes_next_helps_out_of_early_trouble(begun, trouble: str) -> None:
    step, script = TROUBLE[trouble]
    begun.sh("dvc init -q --subdir; git commit -qm Init")
    begun.sh(script)
    assert begun.follow(**EDITORS)[0] == step


@pytest.mark.parametrize("trouble", LATER)
def test_what_comes_next_helps_out_of_later_trouble(done, trouble: str) -> None:
    step, script = LATER[trouble]
    done.sh(script)
    assert done.follow(**EDITORS)[0] == step
