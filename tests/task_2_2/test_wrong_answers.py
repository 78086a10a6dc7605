"""Stores, commits and folders that are plausible and wrong, or faked: each fails at its step, in words that say why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks.core import data
from checks.evidence.files import FileHash
from checks.model import Outcome
from tests.learner_clone import LearnerClone
from tests.task_2_2.store import edited, everywhere

EVE = FileHash.of(data.months("eve@example.org", 3)).md5

SWAPPED = "update registered_model_aliases set version = 3 - version"
SECOND = "select run_id from model_versions where version = 2"
WORST = "select run_uuid from latest_metrics where key = 'rmse' order by value desc limit 1"
MODEL_OF_WORST = f"select 'models:/' || model_id from logged_models where source_run_id = ({WORST})"
_COLUMNS = "name, creation_time, last_updated_time, description, current_stage, source, run_id, status"
THIRD = (
    f"insert into model_versions (version, {_COLUMNS}) select 3, {_COLUMNS} from model_versions where version = 2",
    "insert into model_version_tags (name, version, key, value) values ('bike-demand', 3, 'validated', 'true')",
)

# What is changed in the finished store, the step that must fail, and a phrase of its message.
STORE: dict[str, tuple[list[str], str, str]] = {
    "only a seed varies beside the depth": (
        ["update params set key = 'random_state' where key = 'min_samples_leaf'"],
        "grid", "only max_depth, random_state differs",
    ),
    "a counter in place of a hyperparameter": (
        ["update params set key = 'trial' where key = 'min_samples_leaf'"], "grid", "only max_depth, trial differs",
    ),
    "one number written in two ways": (
        ["update params set value = '4.0' where key = 'max_depth' and value = '8'"], "grid", "twice: the runs",
    ),
    "an error of zero": (["update latest_metrics set value = 0"], "grid", "rmse 0"),
    "an error that is no number": (
        ["update latest_metrics set is_nan = 1, value = 0 where key = 'rmse'"], "grid", "only 0 of these, among 6 children",
    ),
    "runs that end before they start": (
        ["update runs set end_time = start_time - 5 where name != 'grid'"], "grid", "ended before it started",
    ),
    "runs that still run": (
        ["update runs set status = 'RUNNING', end_time = null where name != 'grid'"], "grid", "is RUNNING",
    ),
    "the experiment has another name": (
        ["update experiments set name = 'Bike-Demand' where name = 'bike-demand'"], "grid", "Bike-Demand",
    ),
    "children of a parent that is gone": (
        ["update runs set lifecycle_stage = 'deleted' where name = 'grid'"], "grid", "none of them the child",
    ),
    "the data of another learner": ([f"update datasets set digest = '{EVE}'"], "grid", EVE),
    "no trace of whose runs they are": (
        ["delete from inputs", "delete from tags where key = 'mlflow.source.git.commit'"], "grid", "no commit; no data",
    ),
    "a child that failed": (
        [f"update runs set status = 'FAILED' where run_uuid = ({WORST})"], "grid", "is FAILED",
    ),
    "children that began an hour before their parent": (
        ["update runs set start_time = start_time + 3600000, end_time = end_time + 3600000 where name = 'grid'"],
        "grid", "before it",
    ),
    "one number for every combination": (
        ["update metrics set value = 25", "update latest_metrics set value = 25"],
        "grid", "for each of 6 combinations",
    ),
    "another metric": (
        ["update latest_metrics set key = 'loss'", "update metrics set key = 'loss'"], "grid", "and no rmse",
    ),
    "runs side by side: `nested=True` was forgotten": (
        ["delete from tags where key = 'mlflow.parentRunId'"], "grid", "none of them the child of another",
    ),
    "another learner's runs, without their data set": (
        ["delete from inputs", f"update tags set value = '{'9' * 40}' where key = 'mlflow.source.git.commit'"],
        "grid", "no data set",
    ),
    "a better run was found since, and best_run.json was not kept": (
        [f"update {table} set value = value / 2 where key = 'rmse' and run_uuid = ({SECOND})"
         for table in ("metrics", "latest_metrics")] + [SWAPPED],
        "best", "the run with the lowest error",
    ),
    "a version claims the run of another model": (
        [f"update model_versions set run_id = ({WORST}) where version = 2"],
        "register", "whose MLmodel names another run",
    ),
    "the model of one run, twice": (
        [f"update model_versions set {column} = (select {column} from model_versions where version = 1)"
         for column in ("run_id", "source", "storage_location")], "register", "again the model of run",
    ),
    "validated: false": (
        ["update model_version_tags set value = 'false' where version = 2"], "register", "validated = 'false'",
    ),
    "champion and challenger are one version": (
        ["update registered_model_aliases set version = 1"], "alias", "both aliases are at version 1",
    ),
    "a champion that nobody validated, beside two versions that somebody did": (
        [*THIRD, f"update model_versions set run_id = ({WORST}), source = ({MODEL_OF_WORST}) where version = 3",
         "delete from model_version_tags where version = 1"], "alias", "the tag validated",
    ),
    "the registered model has another name": (
        ["pragma foreign_keys = off", "update registered_models set name = 'bikes'",
         "update model_versions set name = 'bikes'", "update model_version_tags set name = 'bikes'",
         "update registered_model_aliases set name = 'bikes'"], "register", "only bikes",
    ),
    "a version of nothing": (
        ["update model_versions set source = 'models:/m-00000000000000000000000000000000' where version = 2"],
        "register", "no file MLmodel",
    ),
    "a description of blanks": (
        ["update model_versions set description = '  ' where version = 1"], "register", "no description",
    ),
    "no challenger": (
        ["delete from registered_model_aliases where alias = 'challenger'"], "alias", "only champion",
    ),
    "an alias of a version that is not there": (
        ["update registered_model_aliases set version = 7 where alias = 'champion'"], "alias", "the alias champion",
    ),
}  # fmt: skip


@pytest.mark.parametrize("answer", STORE)
def test_wrong_store(done: LearnerClone, answer: str) -> None:
    changes, step, phrase = STORE[answer]
    with edited(done) as store:
        for change in changes:
            store.execute(change)
    done.fails(step, phrase)


def test_a_grid_without_a_better_run_than_a_later_search(done: LearnerClone) -> None:
    """A run outside the grid with a lower error is no best run: it is no child."""
    with edited(done) as store:
        everywhere(store, "value = 1 where run_uuid = (select run_uuid from runs where name = 'grid') and")
    done.passes()


def test_the_course_s_own_commit_proves_nothing(done: LearnerClone) -> None:
    """It is in everybody's branch."""
    course = done.sh("git rev-list --max-parents=0 HEAD | tail -1").strip()
    with edited(done) as store:
        store.execute("delete from inputs")
        store.execute("update tags set value = ? where key = 'mlflow.source.git.commit'", [course])
    done.fails("grid", course[:7])


COMMITS = {
    "best_run.json is not in Git": ("git rm -q --cached best_run.json; git commit -qm x", "best", "not committed"),
    "MLproject is only in the folder": (
        "git rm -q --cached MLproject; git commit -qm x", "project", "MLproject is there, but not committed"
    ),
    "the environment's file is only in the folder": (
        "git rm -q --cached python_env.yaml; git commit -qm x", "project", "it is there, but not committed"
    ),
    "the command runs a script that Git does not hold": (
        "cp tune.py search.py; sed -i s/tune.py/search.py/ MLproject; git commit -qam x",
        "project", "search.py, which is not committed",
    ),
    "the files of the models are gone": ("rm -rf mlruns", "register", "no file MLmodel at"),
}  # fmt: skip


@pytest.mark.parametrize("answer", COMMITS)
def test_wrong_commit_or_folder(done: LearnerClone, answer: str) -> None:
    commands, step, phrase = COMMITS[answer]
    done.sh(commands)
    done.fails(step, phrase)


def test_models_in_a_bucket_can_not_be_looked_at(done: LearnerClone) -> None:
    """The store's own word; what a version lacks besides is still said."""
    with edited(done) as store:
        store.execute("update logged_models set artifact_location = 's3://models/' || model_id")
    results = done.results()
    assert [name for name, result in results.items() if result.outcome is Outcome.UNAVAILABLE] == [
        "register", "alias", "serve"
    ]  # fmt: skip
    assert "at s3://models/m-" in (results["register"].reason or "")
    with edited(done) as store:
        store.execute("update model_versions set description = '' where version = 2")
    assert "no description" in (done.results()["register"].found or "")


def test_an_answer_that_fits_another_model(done: LearnerClone) -> None:
    """The signature is the champion's: MLmodel says which columns it takes."""
    for file in (done.folder / "mlruns").rglob("MLmodel"):
        file.write_text(file.read_text().replace("wind_kmh", "snow_mm"))
    done.fails("serve", "no snow_mm")


def test_another_learners_store_under_one_s_own_name(done: LearnerClone) -> None:
    done.sh("sed -i s/ada@example.org/eve@example.org/ ../../learner.toml; git commit -qam 'My work'")
    done.fails("grid", "the data of eve@example.org")


def test_a_branch_alone_shows_the_project_only(done: LearnerClone, clone_at: Any, tmp_path: Path) -> None:
    done.sh(f"git clone -q --bare ../.. {tmp_path}/bare.git")
    results = clone_at(tmp_path / "bare.git").results()
    assert results.pop("project").outcome is Outcome.PASSED
    assert {result.outcome for result in results.values()} == {Outcome.UNAVAILABLE}
    assert "hand in the clone" in results["grid"].reason


def test_without_a_store(done: LearnerClone) -> None:
    done.sh("rm -rf mlflow.db mlruns")
    assert done.fails("grid").fix
