"""Other honest routes to the same state pass every step, whatever their commands were."""

from __future__ import annotations

import json

import pytest

from checks.model import Outcome
from checks.rebuild.rebuilder import Rebuilder
from tests.learner_clone import LearnerClone
from tests.mlflow_store import COMMIT, ask, edit, settle

COMMITTED = "git add -A .; git commit -qm 'Another way'\n"
FINISH = f"cp prediction.json kept.json; python again.py; rm again.py kept.json; {COMMITTED}"

CLIENT = """
import hashlib, itertools, json, time
from pathlib import Path
import mlflow, tune
from mlflow.entities import Dataset, DatasetInput, Metric, Param
from mlflow.models import infer_signature
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split

client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name("bike-demand").experiment_id
for old in client.search_runs([experiment]):
    client.delete_run(old.info.run_id)
client.delete_registered_model("bike-demand")

rows = tune.read("data/rentals.csv")
parts = train_test_split(rows[tune.FEATURES], rows[tune.TARGET], random_state=0)
parent = client.create_run(experiment)
digest = hashlib.md5(Path("data/rentals.csv").read_bytes()).hexdigest()
data = Dataset("rentals", digest, "local", json.dumps({"uri": "data/rentals.csv"}))
client.log_inputs(parent.info.run_id, [DatasetInput(data)])
results = []
for number, (alpha, intercept) in enumerate(itertools.product((0.1, 10.0, 1e6), (True, False))):
    child = client.create_run(experiment, tags={"mlflow.parentRunId": parent.info.run_id})
    model = Ridge(alpha=alpha, fit_intercept=intercept).fit(parts[0], parts[2])
    rmse = root_mean_squared_error(parts[3], model.predict(parts[1]))
    now = int(time.time() * 1000)
    params = {"alpha": alpha, "fit_intercept": intercept, "trial": number}
    client.log_batch(child.info.run_id, [Metric("rmse", rmse, now, 0)], [Param(k, str(v)) for k, v in params.items()])
    results.append((rmse, number, child.info.run_id, params, model))
results.sort(key=lambda result: result[:2])
for place, (rmse, _, run, params, model) in enumerate(results[:3], start=1):
    with mlflow.start_run(run_id=run):
        mlflow.sklearn.log_model(
            model, name="ridge", registered_model_name="bike-demand",
            signature=infer_signature(parts[1], model.predict(parts[1])), pip_requirements=tune.REQUIREMENTS,
        )
    client.update_model_version("bike-demand", str(place), f"A straight line, number {place}")
    client.set_model_version_tag("bike-demand", str(place), "validated", "Ada, 2026-11-24")
for _, _, run, _, _ in results:
    client.set_terminated(run)
client.set_terminated(parent.info.run_id)
client.set_registered_model_alias("bike-demand", "champion", "1")
client.set_registered_model_alias("bike-demand", "challenger", "3")
rmse, _, run, params, _ = results[0]
params = {"alpha": params["alpha"], "fit_intercept": params["fit_intercept"]}
Path("best_run.json").write_text(json.dumps({"rmse": rmse, "run_id": run, "params": params}))
"""

AUTOLOG = """
import json
from pathlib import Path
import mlflow, tune
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV

rows = tune.read("data/rentals.csv")
mlflow.set_experiment("bike-demand")
mlflow.sklearn.autolog(max_tuning_runs=None, log_models=False, silent=True)
with mlflow.start_run() as parent:
    mlflow.log_input(tune.described(rows, "data/rentals.csv"))
    grid = {"max_depth": [2, 12, None], "max_features": [0.5, 1.0]}
    search = GridSearchCV(
        RandomForestRegressor(8, random_state=0), grid, scoring="neg_root_mean_squared_error", cv=3, refit=True
    ).fit(rows[tune.FEATURES], rows[tune.TARGET])
mlflow.sklearn.autolog(disable=True)
client = mlflow.MlflowClient()
children = client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
assert len(children) == 6
for child in children:
    client.log_metric(child.info.run_id, "rmse", -child.data.metrics["mean_test_score"])
children.sort(key=lambda child: -child.data.metrics["mean_test_score"])
for place, child in enumerate(children[:2], start=3):
    given = {name: child.data.params[name] for name in grid}
    chosen = {name: None if value == "None" else float(value) for name, value in given.items()}
    chosen["max_depth"] = chosen["max_depth"] and int(chosen["max_depth"])
    model = RandomForestRegressor(8, random_state=0, **chosen).fit(rows[tune.FEATURES], rows[tune.TARGET])
    with mlflow.start_run(run_id=child.info.run_id):
        mlflow.sklearn.log_model(
            model, name="m", input_example=rows[tune.FEATURES].head(2), pip_requirements=tune.REQUIREMENTS,
            skops_trusted_types=tune.TRUSTED,
        )
    mlflow.register_model(f"runs:/{child.info.run_id}/m", "bike-demand")
    client.update_model_version("bike-demand", str(place), "From a search with three folds")
    client.set_model_version_tag("bike-demand", str(place), "validated", "yes")
    if place == 3:
        best = {"run_id": child.info.run_id, "params": chosen, "rmse": -child.data.metrics["mean_test_score"]}
        Path("best_run.json").write_text(json.dumps(best))
client.set_registered_model_alias("bike-demand", "champion", "3")
"""

CONDA_PROJECT = """name: anything
conda_env: environments/search.yaml
entry_points:
  main:
    parameters:
      depths: string
      leaves: {type: string, default: "1,5"}
    command: >-
      python -m tune
      --depths {depths} --leaves {leaves}
  check:
    command: "pytest"
"""
CONDA_ENV = """name: search
channels: [conda-forge]
dependencies:
  - python=3.11.7
  - pandas=3.1.1
  - pip=25.3
  - pip:
      - mlflow==3.17.2
      - -r ../requirements.txt
"""


def test_everything_through_the_client_with_another_model(done: LearnerClone) -> None:
    (done.folder / "again.py").write_text(CLIENT)
    settle(done).sh(FINISH)
    done.passes()


def test_a_grid_search_that_autolog_logged(done: LearnerClone) -> None:
    """The children of autolog carry a metric of their own; `rmse` is added to them."""
    (done.folder / "again.py").write_text(AUTOLOG)
    settle(done).sh(FINISH)
    done.passes()


def test_the_project_was_run_and_the_search_repeated(done: LearnerClone) -> None:
    """A second complete grid with the same errors, best_run.json of the first or of the second."""
    settle(done).sh("mlflow run . --env-manager local --experiment-name bike-demand")
    done.passes()
    done.sh("git commit -qam 'The best of the second search'")
    done.passes()


def test_a_conda_environment_in_a_folder(done: LearnerClone) -> None:
    (done.folder / "environments").mkdir()
    (done.folder / "environments/search.yaml").write_text(CONDA_ENV)
    (done.folder / "requirements.txt").write_text("scikit-learn==1.9.1  # the model\nskops==0.16.0\n")
    done.sh("git mv MLproject mlproject; git rm -q python_env.yaml")
    (done.folder / "mlproject").write_text(CONDA_PROJECT)
    done.sh(COMMITTED)
    done.passes()


def test_python_env_yaml_is_found_without_being_named(done: LearnerClone) -> None:
    done.sh("sed -i /^python_env/d MLproject; git commit -qam 'MLflow finds it'")
    done.passes()


COLUMNS = ["hour", "weekday", "temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday"]
ROWS = [[8, 1, 14.5, 60, 8.0, 0, 1], [3, 1, 2.0, 90, 20.0, 0, 1]]
RECORDS = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
BY_COLUMN = {name: [row[place] for row in ROWS] for place, name in enumerate(COLUMNS)}


NEAR = [RECORDS[0], RECORDS[0] | {"wind_kmh": 8.1}]


@pytest.mark.parametrize(
    ("request_body", "response"),
    [
        ({"dataframe_records": NEAR}, {"predictions": [300.5, 300.5]}),
        ({"dataframe_records": RECORDS}, {"predictions": [300.5, 4]}),
        ({"inputs": BY_COLUMN}, {"predictions": [300.5, 4]}),
        ({"instances": RECORDS}, {"predictions": [[300.5], [4]]}),
        ({"inputs": RECORDS[0]}, [300.5]),
        ({"dataframe_split": {"index": [7, 8], "columns": [*COLUMNS, "note"], "data": [[*r, "x"] for r in ROWS]}},
         {"predictions": [{"0": 300.5}, {"0": -2.5}]}),
    ],
    ids=["two hours that a tree can't tell apart", "records", "columns", "instances", "one row", "a column more"],
)  # fmt: skip
def test_a_request_in_another_form(done: LearnerClone, request_body: object, response: object) -> None:
    (done.folder / "prediction.json").write_text(json.dumps({"request": request_body, "response": response}))
    done.sh(COMMITTED)
    done.passes()


_COLUMNS = (
    "name, creation_time, last_updated_time, description, current_stage, source, run_id, status, storage_location"
)
IN_THE_STORE = {
    "work whose commits were amended": f"update tags set value = '{'8' * 40}' where key = '{COMMIT}'",
    "a data set that MLflow digested": "update datasets set digest = '2572e877'",
    "a run outside the grid with a lower error": ";".join(
        f"insert into {table} (key, value, timestamp, step, is_nan, run_uuid) "
        "select 'rmse', 1, 0, 0, 0, run_uuid from runs where name = 'grid'"
        for table in ("metrics", "latest_metrics")
    ),
    "more versions and aliases than asked for": f"""
        insert into model_versions (version, {_COLUMNS}) select 3, {_COLUMNS} from model_versions limit 1;
        update model_versions set description = null where version = 3;
        insert into registered_model_aliases (name, alias, version) values ('bike-demand', 'next', 3)""",
}


@pytest.mark.parametrize("route", IN_THE_STORE)
def test_another_store(done: LearnerClone, route: str) -> None:
    edit(done, IN_THE_STORE[route])
    done.passes()


WORST = """
    select run_uuid from runs join tags using (run_uuid) join latest_metrics using (run_uuid)
    where tags.key = 'mlflow.parentRunId' and latest_metrics.key = 'rmse' order by latest_metrics.value desc limit 1
"""


def test_a_child_that_failed_beside_six_that_did_not(done: LearnerClone) -> None:
    settle(done).sh("python tune.py --depths 2,8,16,20; git restore best_run.json")
    (parent,) = ask(done, "select run_uuid from runs where name = 'grid' order by start_time desc limit 1")
    (worst,) = ask(done, f"select run_uuid from tags where value = '{parent}' limit 1")
    edit(done, f"update runs set status = 'FAILED' where run_uuid = '{worst}'")
    edit(done, f"update runs set lifecycle_stage = 'deleted' where run_uuid = ({WORST})")
    done.passes()


def test_parameters_as_text_in_best_run(done: LearnerClone) -> None:
    best = json.loads((done.folder / "best_run.json").read_text())
    best["params"] = {name: str(value) for name, value in best["params"].items()}
    (done.folder / "best_run.json").write_text(json.dumps(best | {"why": "lowest error"}))
    done.sh(COMMITTED)
    done.passes()


ASK = """
import json, pathlib
import mlflow, pandas

request = {records}
model = mlflow.pyfunc.load_model("models:/bike-demand@champion")
answer = model.predict(pandas.DataFrame(request).astype(float)).tolist()
kept = {{"request": {{"dataframe_records": request}}, "response": {{"predictions": answer}}}}
pathlib.Path("prediction.json").write_text(json.dumps(kept))
"""


def test_a_branch_makes_its_grid_and_has_no_registry(done: LearnerClone, rebuilder: Rebuilder) -> None:
    results = done.branch().results(rebuilder)
    passed = {name for name, result in results.items() if result.outcome is Outcome.PASSED}
    unavailable = {name for name, result in results.items() if result.outcome is Outcome.UNAVAILABLE}
    assert passed == {"grid", "best", "project"}, results
    assert unavailable == {"register", "alias", "serve"}
    assert "no model registry" in (results["register"].reason or "")


def test_another_project_and_another_request(done: LearnerClone, rebuilder: Rebuilder) -> None:
    """A module in a Conda environment, and a request that was not kept with a malformed one beside it."""
    (done.folder / "environments").mkdir()
    (done.folder / "environments/search.yaml").write_text(CONDA_ENV)
    (done.folder / "requirements.txt").write_text("scikit-learn==1.9.1\n")
    project = CONDA_PROJECT.replace("depths: string", 'depths: {type: string, default: "2,8"}')
    (done.folder / "MLproject").write_text(project)
    settle(done).sh(f"python - <<'END'\n{ASK.format(records=json.dumps(RECORDS))}END\n{COMMITTED}")
    done.passes(rebuilder)
