"""Plausible wrong answers, and faked ones, do not pass: each fails at its step, in words that name what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.core import data
from checks.evidence.files import FileHash
from checks.model import Outcome
from tests.task_2_1.test_honest_routes import SQL

METRIC = "UPDATE metrics SET {0} WHERE key = '{1}'; UPDATE latest_metrics SET {0} WHERE key = '{1}'"
MLMODEL = "cd mlruns/1/models/*/artifacts; "
EVE = FileHash.of(data.months("eve@example.org", 3)).md5

# What is typed in the finished clone, the step that must fail, and phrases of its message.
WRONG: dict[str, tuple[str, str, list[str]]] = {
    "the experiment deleted": (
        SQL.format("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE experiment_id = 1"),
        "experiment", ["it was deleted"]
    ),
    "the run deleted": (SQL.format("UPDATE runs SET lifecycle_stage = 'deleted'"), "experiment", ["no run"]),
    "a run that is still running": (SQL.format("UPDATE runs SET status = 'RUNNING'"), "experiment", ["RUNNING"]),
    "a run without a name": (SQL.format("UPDATE runs SET name = ''; DELETE FROM tags WHERE key = 'mlflow.runName'"),
                             "experiment", ["a finished run with a name"]),
    "everything in Default": (SQL.format("UPDATE runs SET experiment_id = 0"), "experiment", ["no run"]),
    "a store that is a text": ("echo runs > mlflow.db", "experiment", ["mlflow.db"]),
    "an empty store": ("rm mlflow.db; touch mlflow.db", "experiment", ["mlflow.db"]),
    "no parameter": (SQL.format("DELETE FROM params"), "params", ["no parameter"]),
    "a seed that is none": (SQL.format("UPDATE params SET value = 'None' WHERE key = 'seed'"), "params", ["seed=None"]),
    "scikit-learn's fraction for early stopping is not the split": (
        SQL.format("UPDATE params SET key = 'validation_fraction' WHERE key = 'test_share'"),
        "params", ["the share of the test rows"]
    ),
    "a share beyond 1": (SQL.format("UPDATE params SET value = '1.2' WHERE key = 'test_share'"),
                         "params", ["between 0 and 1"]),
    "a share that is no number": (SQL.format("UPDATE params SET value = 'nan' WHERE key = 'test_share'"),
                                  "params", ["between 0 and 1"]),
    "metrics under other names": (SQL.format(METRIC.format("key = 'RMSE'", "rmse")), "metrics", ["no rmse", "RMSE"]),
    "no metrics at all": (SQL.format("DELETE FROM metrics; DELETE FROM latest_metrics"), "metrics", ["no rmse, no mae"]),
    "an r2 above 1": (SQL.format(METRIC.format("value = 1.04", "r2")), "metrics", ["an r2 of at most 1"]),
    "a model that knows the answers": (
        SQL.format(";".join(METRIC.format(f"value = {v}", k) for k, v in {"rmse": 0, "mae": 0, "r2": 1}.items())),
        "metrics", ["nobody knows the future"]
    ),
    "metrics copied from a far larger city": (
        SQL.format(METRIC.format("value = 9000", "rmse")), "metrics", ["in rentals an hour"]
    ),
    "a learning curve that never changes": (
        SQL.format("UPDATE metrics SET value = 27 WHERE key = 'test_rmse'"), "metrics", ["all the same"]
    ),
    "a learning curve of four steps": (
        SQL.format("DELETE FROM metrics WHERE key = 'test_rmse' AND step > 40"), "metrics", ["at most 4 steps"]
    ),
    "no picture": ("rm mlruns/1/*/artifacts/*", "artifact", ["no artifact"]),
    "a picture in another format": (
        ("cd mlruns/1/*/artifacts; python -c \"from PIL import Image; Image.open('predictions.png').convert('RGB')"
        ".save('p.jpg')\"; mv p.jpg predictions.png"), "artifact", ["another kind of file"]
    ),
    "a picture that was cut off": (
        "cd mlruns/1/*/artifacts; head -c 2000 predictions.png > p; mv p predictions.png", "artifact", ["damaged"]
    ),
    "a wide picture that is not high": (
        "cd mlruns/1/*/artifacts; python -c \"from PIL import Image; Image.new('L', (900, 199)).save('predictions.png')\"",
        "artifact", ["900 x 199"]
    ),
    "a picture behind a link out of the clone": (
        ("cd mlruns/1/*/artifacts; mv predictions.png ../../../../../../../p.png; ln -s ../../../../../../../p.png "
        "predictions.png"), "artifact", ["artifact"]
    ),
    "no model": ("rm -r mlruns/1/models", "model", ["no model"]),
    "a model without a function": (MLMODEL + "sed -i s/python_function/java_function/ MLmodel", "model", ["flavors"]),
    "columns without names": (
        MLMODEL + "python - <<'END'\nimport yaml\n\nm = yaml.safe_load(open('MLmodel'))\n"
        "m['signature']['inputs'] = '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float64\", \"shape\": [-1, 7]}}]'\n"
        "open('MLmodel', 'w').write(yaml.safe_dump(m))\nEND", "model", ["names the input columns"]
    ),
    "another learner's column names": (MLMODEL + "sed -i -E 's/\"name\": *\"/&x_/; s/temperature_c|humidity_pct|wind_kmh|"
                                       "is_holiday|is_workingday/other/g' MLmodel", "model", ["names the input columns"]),
    "an example file that is gone": (MLMODEL + "rm input_example.json", "model", ["whose file is not there"]),
    "an example that does not fit": (MLMODEL + "sed -i s/temperature_c/temp/ input_example.json", "model", ["temperature_c"]),
    "an example that is no JSON": (MLMODEL + "echo rows > input_example.json", "model", ["JSON"]),
    "a model of another run": (MLMODEL + "sed -i -E 's/^run_id: .*/run_id: 00000000000000000000000000000000/' MLmodel",
                               "model", ["run"]),
    "no commit": (SQL.format("DELETE FROM tags WHERE key = 'mlflow.source.git.commit'"), "lineage", ["no commit"]),
    "a commit that is a word": (SQL.format("UPDATE tags SET value = 'HEAD' WHERE key = 'mlflow.source.git.commit'"),
                                "lineage", ["HEAD"]),
    "an invented commit": (
        SQL.format("UPDATE tags SET value = '" + "12" * 20 + "' WHERE key = 'mlflow.source.git.commit'"),
        "lineage", ["1212121, which is not on"]
    ),
    "a commit of another branch": (
        ("git switch -q --orphan elsewhere; git commit -q --allow-empty -m Elsewhere; c=$(git rev-parse HEAD);"
        "git switch -q -; python -c \"import sqlite3, sys; s = sqlite3.connect('mlflow.db'); s.execute('UPDATE tags SET "
        "value = ? WHERE key = ?', (sys.argv[1], 'mlflow.source.git.commit')); s.commit()\" $c"),
        "lineage", ["which is not on solution/"]
    ),
    "an end before the start": (SQL.format("UPDATE runs SET end_time = start_time - 5000"), "lineage", ["5 s before"]),
    "a digest of something else": (SQL.format("UPDATE datasets SET digest = 'deadbeef'"), "lineage", ["deadbeef"]),
    "a digest that is too short to say anything": (SQL.format("UPDATE datasets SET digest = substr(digest, 1, 3)"),
                                                   "lineage", ["neither the MD5"]),
}  # fmt: skip


@pytest.mark.parametrize("answer", WRONG)
def test_wrong_answer(done, answer: str) -> None:
    script, step, phrases = WRONG[answer]
    done.sh(script)
    done.fails(step, *phrases)


def test_runs_copied_from_another_learner(done, clone_at: Callable[[Path], object], tmp_path: Path) -> None:
    """The store of a neighbour, complete as it is: the commit is on their branch, and the data are theirs."""
    done.sh(SQL.format(f"UPDATE tags SET value = '{'ab' * 20}' WHERE key = 'mlflow.source.git.commit'"))
    done.sh(SQL.format(f"UPDATE datasets SET digest = '{EVE}'"))
    done.fails("lineage", "which is not on solution/ada-example-org")
    done.sh("git rev-parse HEAD > ../../commit")
    commit = (done.root / "commit").read_text().strip()
    done.sh(SQL.format(f"UPDATE tags SET value = '{commit}' WHERE key = 'mlflow.source.git.commit'"))
    done.fails("lineage", "neither the MD5 nor MLflow's own digest of these data")


def test_work_handed_in_under_another_name(done) -> None:
    done.sh("sed -i s/ada@example.org/eve@example.org/ ../../learner.toml; git commit -qam 'My work'")
    results = done.results()
    assert results["lineage"].outcome is Outcome.FAILED
    assert "eve@example.org" in results["lineage"].expected


def test_without_an_id_nothing_is_judged(done) -> None:
    (done.root / "learner.toml").write_text('id = ""\n')
    done.sh("git commit -qam 'Who am I'")
    done.fails("experiment", "learner.toml")


def test_a_branch_carries_no_store(done, clone_at, tmp_path: Path) -> None:
    done.sh(f"git clone -q --bare ../.. {tmp_path}/bare.git")
    assert {result.outcome for result in clone_at(tmp_path / "bare.git").results().values()} == {Outcome.UNAVAILABLE}


def test_messages_name_the_run_that_is_looked_at(done) -> None:
    done.sh("rm mlruns/1/*/artifacts/*")
    found = done.fails("artifact")
    assert '"first forecast"' in found.looked_at
