"""Other honest routes to the same state pass every step, whatever their code was."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.assertions.data import shuffled
from checks.core import data
from checks.rebuild.rebuilder import Rebuilder
from tests.learner_clone import LearnerClone
from tests.mlflow_store import COMMIT, edit

SHELL = re.compile(r"^```shell\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""What runs until it is stopped, in a second terminal."""
RUN = "git add track.py forecast.py ../../learner.toml\ngit commit -qm 'My script'\npython track.py\n"

AUTOLOG = """
import forecast
import mlflow
from sklearn.model_selection import train_test_split

mlflow.autolog(log_datasets=False, log_models=False)
mlflow.set_experiment("bike-demand")
with mlflow.start_run():
    rentals = forecast.read()
    mlflow.log_input(mlflow.data.from_pandas(rentals, source="data/rentals.csv"))
    mlflow.log_param("test_size", "20%")
    training, test = forecast.split(rentals, 0.2, 3)
    model = forecast.train(training, max_iter=50, random_state=3)
    predicted = model.predict(forecast.inputs(test))
    mlflow.log_metrics(forecast.errors(test, predicted))
    for trees, rmse in forecast.learning_curve(model, test):
        mlflow.log_metrics({"rmse_while_training": rmse}, step=trees)
    forecast.picture(test, predicted).savefig("errors.PNG", dpi=60)
    mlflow.log_artifact("errors.PNG", "plots/of the test rows")
    seen = forecast.inputs(training).head(20)
    mlflow.sklearn.log_model(
        model, name="my model", input_example=seen, pip_requirements=["scikit-learn"], serialization_format="cloudpickle",
    )
"""

CLIENT = """
import subprocess
import time

import matplotlib
import forecast
import mlflow
import pandas as pd
from mlflow.entities import DatasetInput, InputTag, Metric, Param
from mlflow.models import infer_signature
from sklearn.ensemble import RandomForestRegressor

matplotlib.use("Agg")
client = mlflow.MlflowClient()
experiment = client.create_experiment("bike-demand")
commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True).strip()
run = client.create_run(experiment, tags={"git_commit": commit}).info.run_id
rentals = pd.read_csv("data/rentals.csv", parse_dates=["timestamp"]).drop_duplicates()
dataset = mlflow.data.from_pandas(rentals, source="data/rentals.csv", name="january to march")
client.log_inputs(run, [DatasetInput(dataset._to_mlflow_entity(), [InputTag("mlflow.data.context", "training")])])
inputs = ["temperature_c", "wind_kmh", "is_workingday"]
test = rentals[rentals["timestamp"] >= "2025-03-15"].assign(hour=lambda rows: rows["timestamp"].dt.hour)
training = rentals[rentals["timestamp"] < "2025-03-15"].assign(hour=lambda rows: rows["timestamp"].dt.hour)
inputs.append("hour")
model, curve = RandomForestRegressor(n_estimators=1, max_depth=8, random_state=1, warm_start=True), []
for trees in range(1, 7):
    model.set_params(n_estimators=trees).fit(training[inputs].astype(float), training["rentals"])
    errors = forecast.errors(test, model.predict(test[inputs].astype(float)))
    curve.append(Metric("test_rmse", errors["rmse"], int(time.time() * 1000), trees))
params = {"n_estimators": 6, "max_depth": 8, "random_state": 1, "split_share": test.shape[0] / rentals.shape[0]}
now = int(time.time() * 1000)
client.log_batch(
    run,
    metrics=[*curve, *(Metric(name, value, now, 0) for name, value in errors.items())],
    params=[Param(name, str(value)) for name, value in params.items()],
)
client.log_figure(run, forecast.picture(test, model.predict(test[inputs].astype(float))), "picture.png")
seen = training[inputs].astype(float)
with mlflow.start_run(run_id=run):
    mlflow.sklearn.log_model(
        model, name="forest", signature=infer_signature(seen, model.predict(seen)), input_example=seen.head(1),
        pip_requirements=["scikit-learn"], skops_trusted_types=["sklearn.tree._tree.Tree"],
    )
"""

IN_THE_STORE = {
    "other runs, broken, empty and deleted": f"""
        create temp table other as select * from runs;
        update other set run_uuid = '{"1" * 32}', name = 'broken', status = 'FAILED', start_time = start_time + 60000;
        insert into runs select * from other;
        update other set run_uuid = '{"2" * 32}', name = 'only a look', status = 'FINISHED';
        update other set start_time = start_time + 60000;
        insert into runs select * from other;
        update other set run_uuid = '{"3" * 32}', name = 'deleted', experiment_id = 0, lifecycle_stage = 'deleted';
        insert into runs select * from other""",
    "a run that was renamed": "update runs set name = 'Der Frühling, Version 2'",
    "the commit in a tag by hand": f"update tags set key = 'Git commit' where key = '{COMMIT}'",
    "synonyms for seed and share": "update params set key = 'split__random_state' where key = 'seed';"
    "update params set key = 'test_fraction' where key = 'test_share'",
    "a percentage": "update params set value = '20 %' where key = 'test_share'",
    "the hash of DVC in a tag, and a digest of something else": "insert into tags select 'dvc.md5', digest, run_uuid "
    "from datasets, runs; update datasets set digest = 'prepared'",
    "the first eight digits of the file's MD5": "update datasets set digest = substr(digest, 1, 8)",
}
TYPED = {
    "a script that went on after the run": "echo '# better' >> track.py",
    "commits after the run": "echo '# better' >> track.py; git commit -qam Better; git rm -q forecast.py; git commit -qm Gone",
    "the work merged into another branch": "git switch -qc later; git commit -q --allow-empty -m Later; git switch -q -;"
    "git merge -q --no-ff -m Merged later",
    "Windows line ends in the working copies": "sed -i 's/$/\\r/' track.py ../../learner.toml",
}


@pytest.mark.parametrize("script", [AUTOLOG, CLIENT], ids=["autolog", "client"])
def test_route_from_the_start(begun, script: str) -> None:
    (begun.folder / "track.py").write_text(script)
    begun.sh(RUN)
    begun.passes()


@pytest.mark.parametrize("route", IN_THE_STORE | TYPED)
def test_route_from_the_solution(done, route: str) -> None:
    if route in TYPED:
        done.sh(TYPED[route])
    else:
        edit(done, IN_THE_STORE[route])
    done.passes()


def test_the_store_of_files_of_mlflow_2(begun, task) -> None:
    (begun.folder / "track.py").write_bytes((task.path / "solution/track.py").read_bytes())
    begun.sh(RUN, MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_TRACKING_URI="mlruns")
    assert not (begun.folder / "mlflow.db").exists()
    begun.passes()


def test_a_tracking_server(begun, task, served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Followed as "In production" of the README says it, and judged as the learner's own `mlsd check` does."""
    _pages, server = SHELL.findall((task.path / "README.md").read_text(encoding="utf-8"))
    (tmp_path / "server").mkdir()
    address = served(server, tmp_path / "server")
    (begun.folder / "track.py").write_bytes((task.path / "solution/track.py").read_bytes())
    begun.sh(RUN, MLFLOW_TRACKING_URI=address)
    assert not (begun.folder / "mlflow.db").exists()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    begun.passes(here=True)
    assert begun.results()["experiment"].points == 0  # nobody else's environment counts


@pytest.mark.parametrize("form", ["as it was read", "with dates", "without duplicates"])
def test_the_digest_that_mlflow_computes(done, form: str) -> None:
    options = ", parse_dates=['timestamp']" if form == "with dates" else ""
    after = ".drop_duplicates()" if form == "without duplicates" else ""
    code = (
        "import pandas, mlflow.data; "
        f"rentals = pandas.read_csv('data/rentals.csv'{options}){after}; "
        "print(mlflow.data.from_pandas(rentals, source='x').digest)"
    )
    digest = subprocess.run(
        [sys.executable, "-c", code], cwd=done.folder, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert len(digest) == 8
    edit(done, f"update datasets set digest = '{digest}'")
    done.passes()


def test_a_model_in_another_format(done) -> None:
    """What is looked at is MLmodel, whatever the model's file is named."""
    done.sh("cd mlruns/1/models/*/artifacts; mv model.skops model.pkl; sed -i s/model.skops/model.pkl/ MLmodel")
    done.passes()


CSV = data.months("ada@example.org", 3)


def test_a_branch_makes_its_own_store(done: LearnerClone, rebuilder: Rebuilder) -> None:
    """It carries none: every step looks at what the script makes in a fresh clone."""
    done.branch().passes(rebuilder)


def test_another_model_with_another_split(begun: LearnerClone, rebuilder: Rebuilder) -> None:
    """The test rows are the last weeks, the model is a forest, and the script talks to `MlflowClient`."""
    (begun.folder / "track.py").write_text(CLIENT)
    begun.sh(RUN)
    begun.passes(rebuilder)


def test_rentals_are_dealt_to_other_hours() -> None:
    before, after = CSV.splitlines(), shuffled(CSV).splitlines()
    assert [line.rpartition(b",")[0] for line in after] == [line.rpartition(b",")[0] for line in before]
    assert len(set(after)) == len(set(before))  # repeated rows are still repeated
    assert sum(map(bytes.__eq__, before, after)) < len(before) / 20
