"""Stores, commits and files that are plausible and wrong, or faked: each fails at its step, in words that say why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.model import Outcome
from tests.learner_clone import LearnerClone
from tests.mlflow_store import COMMIT, edit, metric

WORST = "select run_uuid from latest_metrics where key = 'rmse' order by value desc limit 1"
MODEL_OF_WORST = f"select 'models:/' || model_id from logged_models where source_run_id = ({WORST})"
_COLUMNS = "name, creation_time, last_updated_time, description, current_stage, source, run_id, status"
THIRD_IN_PLACE_OF_FIRST = f"""
    insert into model_versions (version, {_COLUMNS}) select 3, {_COLUMNS} from model_versions where version = 2;
    insert into model_version_tags (name, version, key, value) values ('bike-demand', 3, 'validated', 'true');
    update model_versions set run_id = ({WORST}), source = ({MODEL_OF_WORST}) where version = 3;
    delete from model_version_tags where version = 1;
"""
FIRST_TWICE = ";".join(
    f"update model_versions set {column} = (select {column} from model_versions where version = 1)"
    for column in ("run_id", "source", "storage_location")
)
OTHER_NAME = "update registered_models set name = 'bikes';" + ";".join(
    f"update {table} set name = 'bikes'"
    for table in ("model_versions", "model_version_tags", "registered_model_aliases")
)

# What is changed in the finished store, the step that must fail, and a phrase of its message.
STORE: dict[str, tuple[str, str, str]] = {
    "only a seed varies beside the depth": (
        "update params set key = 'random_state' where key = 'min_samples_leaf'",
        "grid", "only max_depth, random_state differs"),
    "a counter in place of a hyperparameter": (
        "update params set key = 'trial' where key = 'min_samples_leaf'", "grid", "only max_depth, trial differs"),
    "one number written in two ways": (
        "update params set value = '4.0' where key = 'max_depth' and value = '8'", "grid", "twice: the runs"),
    "an error of zero": ("update latest_metrics set value = 0", "grid", "rmse 0"),
    "an error that is no number": (
        "update latest_metrics set is_nan = 1, value = 0 where key = 'rmse'",
        "grid", "only 0 of these, among 6 children"),
    "runs that end before they start": (
        "update runs set end_time = start_time - 5 where name != 'grid'", "grid", "ended before it started"),
    "runs that still run": (
        "update runs set status = 'RUNNING', end_time = null where name != 'grid'", "grid", "is RUNNING"),
    "the experiment has another name": (
        "update experiments set name = 'Bike-Demand' where name = 'bike-demand'", "grid", "Bike-Demand"),
    "children of a parent that is gone": (
        "update runs set lifecycle_stage = 'deleted' where name = 'grid'", "grid", "none of them the child"),
    "no trace of whose runs they are": (
        f"delete from inputs; delete from tags where key = '{COMMIT}'", "grid", "no commit; no data"),
    "a child that failed": (f"update runs set status = 'FAILED' where run_uuid = ({WORST})", "grid", "is FAILED"),
    "children that began an hour before their parent": (
        "update runs set start_time = start_time + 3600000, end_time = end_time + 3600000 where name = 'grid'",
        "grid", "before it"),
    "one number for every combination": (
        "update metrics set value = 25; update latest_metrics set value = 25", "grid", "for each of 6 combinations"),
    "another metric": (metric("rmse", "key = 'loss'"), "grid", "and no rmse"),
    "runs side by side: `nested=True` was forgotten": (
        "delete from tags where key = 'mlflow.parentRunId'", "grid", "none of them the child of another"),
    "another learner's runs, without their data set": (
        f"delete from inputs; update tags set value = '{'9' * 40}' where key = '{COMMIT}'", "grid", "no data set"),
    "a version claims the run of another model": (
        f"update model_versions set run_id = ({WORST}) where version = 2",
        "register", "whose MLmodel names another run"),
    "the model of one run, twice": (FIRST_TWICE, "register", "again the model of run"),
    "validated: false": (
        "update model_version_tags set value = 'false' where version = 2", "register", "validated = 'false'"),
    "champion and challenger are one version": (
        "update registered_model_aliases set version = 1", "alias", "both aliases are at version 1"),
    "a champion that nobody validated, beside two versions that somebody did": (
        THIRD_IN_PLACE_OF_FIRST, "alias", "the tag validated"),
    "the registered model has another name": (OTHER_NAME, "register", "only bikes"),
    "a version of nothing": (
        f"update model_versions set source = 'models:/m-{'0' * 32}' where version = 2", "register", "no file MLmodel"),
    "a description of blanks": (
        "update model_versions set description = '  ' where version = 1", "register", "no description"),
    "no challenger": ("delete from registered_model_aliases where alias = 'challenger'", "alias", "only champion"),
    "an alias of a version that is not there": (
        "update registered_model_aliases set version = 7 where alias = 'champion'", "alias", "the alias champion"),
}  # fmt: skip

# What is typed in the finished clone.
TYPED = {
    "best_run.json is not in Git": ("git rm -q --cached best_run.json; git commit -qm x", "best", "not committed"),
    "MLproject is only in the folder": (
        "git rm -q --cached MLproject; git commit -qm x", "project", "MLproject is there, but not committed"),
    "the environment's file is only in the folder": (
        "git rm -q --cached python_env.yaml; git commit -qm x", "project", "it is there, but not committed"),
    "the command runs a script that Git does not hold": (
        "cp tune.py search.py; sed -i s/tune.py/search.py/ MLproject; git commit -qam x",
        "project", "search.py, which is not committed"),
    "the search itself is only in the folder, beside the starter of the course": (
        "git rm -q --cached tune.py; git commit -qm x", "project", "tune.py, which is not committed"),
    "the files of the models are gone": ("rm -rf mlruns", "register", "no file MLmodel at"),
}  # fmt: skip


@pytest.mark.parametrize("answer", STORE)
def test_wrong_store(done: LearnerClone, answer: str) -> None:
    change, step, phrase = STORE[answer]
    edit(done, change)
    done.fails(step, phrase)


@pytest.mark.parametrize("answer", TYPED)
def test_wrong_commit_or_folder(done: LearnerClone, answer: str) -> None:
    commands, step, phrase = TYPED[answer]
    done.sh(commands)
    done.fails(step, phrase)


def test_the_course_s_own_commit_proves_nothing(done: LearnerClone) -> None:
    """It is in everybody's branch."""
    course = done.sh("git rev-list --max-parents=0 HEAD | tail -1").strip()
    edit(done, f"delete from inputs; update tags set value = '{course}' where key = '{COMMIT}'")
    done.fails("grid", course[:7])


def test_models_in_a_bucket_can_not_be_looked_at(done: LearnerClone) -> None:
    """The store's own word; what a version lacks besides is still said."""
    edit(done, "update logged_models set artifact_location = 's3://models/' || model_id")
    results = done.results()
    unavailable = [name for name, result in results.items() if result.outcome is Outcome.UNAVAILABLE]
    assert unavailable == ["register", "alias", "serve"]
    assert "at s3://models/m-" in (results["register"].reason or "")
    edit(done, "update model_versions set description = '' where version = 2")
    assert "no description" in (done.results()["register"].found or "")


def test_an_answer_that_fits_another_model(done: LearnerClone) -> None:
    """The signature is the champion's: MLmodel says which columns it takes."""
    for file in (done.folder / "mlruns").rglob("MLmodel"):
        file.write_text(file.read_text().replace("wind_kmh", "snow_mm"))
    done.fails("serve", "no snow_mm")


def test_another_learners_store_under_one_s_own_name(done: LearnerClone) -> None:
    done.sh("sed -i s/ada@example.org/eve@example.org/ ../../learner.toml; git commit -qam 'My work'")
    done.fails("grid", "the data of eve@example.org")


def test_a_branch_alone_shows_the_project_only(done: LearnerClone) -> None:
    results = done.branch().results()
    assert results.pop("project").outcome is Outcome.PASSED
    assert {result.outcome for result in results.values()} == {Outcome.UNAVAILABLE}
    assert "hand in the clone" in results["grid"].reason


def test_without_a_store(done: LearnerClone) -> None:
    done.sh("rm -rf mlflow.db mlruns")
    assert done.fails("grid").fix


COMMITTED = "git add -A .; git commit -qm 'Something else'\n"
Change = Callable[[Path], object]


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> Change:
    def make(folder: Path) -> None:
        document = json.loads((folder / name).read_text())
        change(document)
        (folder / name).write_text(json.dumps(document))

    return make


def best(change: Callable[[dict[str, Any]], object]) -> Change:
    return changed("best_run.json", change)


def params(**other: object) -> Change:
    return changed("best_run.json", lambda document: document["params"].update(other))


def kept(change: Callable[[dict[str, Any]], object]) -> Change:
    return changed("prediction.json", change)


def predicted(*values: object) -> Change:
    return kept(lambda document: document["response"].update(predictions=values))


def text(name: str, old: str, new: str) -> Change:
    def make(folder: Path) -> None:
        path = folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return make


def content(name: str, data: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(data)


ARGUMENTS = " --data {data} --depths {depths} --leaves {leaves} --trees {trees} --seed {seed}"
# By the step that must fail, and what the file is: the change, and a phrase of the message.
FILES: dict[str, tuple[Change, str]] = {
    "best: no JSON": (content("best_run.json", b"max_depth: 8"), "JSON"),
    "best: a list": (content("best_run.json", b"[]"), "a list, where a mapping belongs"),
    "best: no parameters": (best(lambda d: d.pop("params")), "no `params`"),
    "best: an empty object": (best(lambda d: d.update(params={})), "nothing"),
    "best: the error as text": (best(lambda d: d.update(rmse=str(d["rmse"]))), "a text at `rmse`"),
    "best: the error near it": (best(lambda d: d.update(rmse=d["rmse"] + 1e-5)), "rmse"),
    "best: an endless number": (best(lambda d: d.update(rmse=10**400)), "rmse"),
    "best: a run of nowhere": (best(lambda d: d.update(run_id="f" * 32)), "no child"),
    "best: an invented parameter": (params(magic=1), "magic"),
    "best: true in place of 1": (params(min_samples_leaf=True), "min_samples_leaf"),
    "best: the parameters of another run": (params(max_depth=99), "max_depth = 99"),
    "project: no YAML": (content("MLproject", b"entry_points: [\n"), "YAML"),
    "project: no name for a placeholder": (text("MLproject", "{seed}", "{sed}"), "{sed}"),
    "project: a brace without its pair": (text("MLproject", "{seed}", "{seed"), "without a pair"),
    "project: another name than main": (text("MLproject", "  main:", "  search:"), "the entry point main"),
    "project: parameters that are not passed on": (text("MLproject", ARGUMENTS, ""), "none of them in: python tune.py"),
    "project: an image": (
        text("MLproject", "python_env: python_env.yaml", "docker_env: {image: bikes}"), "docker_env: bikes"),
    "project: an environment elsewhere": (text("MLproject", "python_env.yaml", "../../../../etc/passwd"), "no such file"),
    "project: no Python version": (text("python_env.yaml", 'python: "3.11"\n', ""), "the version of Python"),
    "project: a Python version without quotes": (text("python_env.yaml", '"3.11"', "3.11"), "quotes"),
    "project: nothing to install": (content("python_env.yaml", b'python: "3.11"\n'), "no dependencies"),
    "project: requirements that are not there": (
        text("python_env.yaml", "dependencies:", "dependencies:\n  - -r r.txt"), "r.txt in the last commit"),
    "serve: the server's error as the answer": (
        kept(lambda d: d.update(response={"error_code": "INVALID_PARAMETER_VALUE"})), "no list of predictions"),
    "serve: words": (predicted("many", "some", "few"), "finite"),
    "serve: one number for a morning and a night": (predicted(120.0, 120.0, 120.0), "120 for each of 3"),
    "serve: more bikes than the city has": (predicted(1e6, 1, 2), "between"),
    "serve: no answer": (kept(lambda d: d.pop("response")), "no 'response'"),
    "serve: rows without names": (kept(lambda d: d.update(request={"inputs": [[8, 1]]})), "none in inputs"),
    "serve: two requests": (kept(lambda d: d["request"].update(inputs=[])), "2 of them"),
    "serve: no rows": (kept(lambda d: d["request"]["dataframe_split"].update(data=[])), "none in"),
    "serve: text in a row": (
        kept(lambda d: d["request"]["dataframe_split"]["data"][0].__setitem__(0, "eight")), "a double in hour"),
    "serve: not a number": (predicted(float("nan"), 1, 2), "finite"),
    "serve: far below zero": (predicted(-9e9, 1, 2), "between"),
    "serve: a malformed request that was answered": (kept(lambda d: d["malformed"].update(status=200)), "status 200"),
}  # fmt: skip


@pytest.mark.parametrize("answer", FILES)
def test_wrong_file(done: LearnerClone, answer: str) -> None:
    change, phrase = FILES[answer]
    change(done.folder)
    done.sh(COMMITTED)
    done.fails(answer.partition(":")[0], phrase)
