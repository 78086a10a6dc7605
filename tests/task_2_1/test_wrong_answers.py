"""Plausible wrong answers, and faked ones, do not pass: each fails at its step, in words that name what was found."""

from __future__ import annotations

import pytest

from checks.model import Outcome
from tests.learner_clone import LearnerClone
from tests.mlflow_store import COMMIT, edit, metric

KNOWS_THE_ANSWERS = metric("rmse", "value = 0") + metric("mae", "value = 0") + metric("r2", "value = 1")
NAMED = f"where key = '{COMMIT}'"

# What is changed in the store of the finished clone, the step that must fail, and phrases of its message.
STORE: dict[str, tuple[str, str, list[str]]] = {
    "the experiment deleted": (
        "update experiments set lifecycle_stage = 'deleted' where experiment_id = 1", "experiment", ["it was deleted"]),
    "the run deleted": ("update runs set lifecycle_stage = 'deleted'", "experiment", ["no run"]),
    "a run that is still running": ("update runs set status = 'RUNNING'", "experiment", ["RUNNING"]),
    "a run without a name": ("update runs set name = ''; delete from tags where key = 'mlflow.runName'",
                             "experiment", ["a finished run with a name"]),
    "everything in Default": ("update runs set experiment_id = 0", "experiment", ["no run"]),
    "no parameter": ("delete from params", "params", ["no parameter"]),
    "a seed that is none": ("update params set value = 'None' where key = 'seed'", "params", ["seed=None"]),
    "scikit-learn's fraction for early stopping is not the split": (
        "update params set key = 'validation_fraction' where key = 'test_share'",
        "params", ["the share of the test rows"]),
    "a share beyond 1": ("update params set value = '1.2' where key = 'test_share'", "params", ["between 0 and 1"]),
    "a share that is no number": (
        "update params set value = 'nan' where key = 'test_share'", "params", ["between 0 and 1"]),
    "metrics under other names": (metric("rmse", "key = 'RMSE'"), "metrics", ["no rmse", "RMSE"]),
    "no metrics at all": ("delete from metrics; delete from latest_metrics", "metrics", ["no rmse, no mae"]),
    "an r2 above 1": (metric("r2", "value = 1.04"), "metrics", ["an r2 of at most 1"]),
    "a model that knows the answers": (KNOWS_THE_ANSWERS, "metrics", ["nobody knows the future"]),
    "a learning curve that never changes": (
        "update metrics set value = 27 where key = 'test_rmse'", "metrics", ["all the same"]),
    "a learning curve of four steps": (
        "delete from metrics where key = 'test_rmse' and step > 40", "metrics", ["at most 4 steps"]),
    "no commit": (f"delete from tags {NAMED}", "lineage", ["no commit"]),
    "a commit that is a word": (f"update tags set value = 'HEAD' {NAMED}", "lineage", ["HEAD"]),
    "an end before the start": ("update runs set end_time = start_time - 5000", "lineage", ["5 s before"]),
    "a digest that is too short to say anything": (
        "update datasets set digest = substr(digest, 1, 3)", "lineage", ["neither the MD5"]),
}  # fmt: skip

PICTURE = "cd mlruns/1/*/artifacts; "
DRAW = 'python -c "from PIL import Image; {}"'
JPEG = DRAW.format("Image.open('predictions.png').convert('RGB').save('p.jpg')")
MODEL = "cd mlruns/1/models/*/artifacts; "
TENSOR = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 7]}}]'

# What is typed in the finished clone.
FILES: dict[str, tuple[str, str, list[str]]] = {
    "a store that is a text": ("echo runs > mlflow.db", "experiment", ["mlflow.db"]),
    "an empty store": ("rm mlflow.db; touch mlflow.db", "experiment", ["mlflow.db"]),
    "no picture": (PICTURE + "rm *", "artifact", ["no artifact"]),
    "a picture in another format": (PICTURE + JPEG + "; mv p.jpg predictions.png", "artifact", ["another kind of file"]),
    "a picture that was cut off": (
        PICTURE + "head -c 2000 predictions.png > p; mv p predictions.png", "artifact", ["damaged"]),
    "a wide picture that is not high": (
        PICTURE + DRAW.format("Image.new('L', (900, 199)).save('predictions.png')"), "artifact", ["900 x 199"]),
    "a picture behind a link out of the clone": (
        PICTURE + "o=../../../../../../../p.png; mv predictions.png $o; ln -s $o predictions.png",
        "artifact", ["artifact"]),
    "no model": ("rm -r mlruns/1/models", "model", ["no model"]),
    "a model without a function": (MODEL + "sed -i s/python_function/java_function/ MLmodel", "model", ["flavors"]),
    "columns without names": (
        MODEL + "python - <<'END'\nimport yaml\n\nm = yaml.safe_load(open('MLmodel'))\n"
        f"m['signature']['inputs'] = '{TENSOR}'\nopen('MLmodel', 'w').write(yaml.safe_dump(m))\nEND",
        "model", ["names the input columns"]),
    "another learner's column names": (
        MODEL + "sed -i -E 's/\"name\": *\"/&x_/; s/temperature_c|humidity_pct|wind_kmh|is_holiday|is_workingday/other/g' "
        "MLmodel", "model", ["names the input columns"]),
    "an example file that is gone": (MODEL + "rm input_example.json", "model", ["whose file is not there"]),
    "an example that does not fit": (
        MODEL + "sed -i s/temperature_c/temp/ input_example.json", "model", ["temperature_c"]),
    "an example that is no JSON": (MODEL + "echo rows > input_example.json", "model", ["JSON"]),
    "a model of another run": (MODEL + f"sed -i -E 's/^run_id: .*/run_id: {'0' * 32}/' MLmodel", "model", ["run"]),
}  # fmt: skip


@pytest.mark.parametrize("answer", STORE | FILES)
def test_wrong_answer(done: LearnerClone, answer: str) -> None:
    change, step, phrases = (STORE | FILES)[answer]
    if answer in STORE:
        edit(done, change)
    else:
        done.sh(change)
    done.fails(step, *phrases)


def test_a_commit_of_another_branch(done: LearnerClone) -> None:
    commit = done.sh("git commit-tree -m Elsewhere HEAD^{tree} | tee elsewhere; git branch elsewhere $(cat elsewhere)")
    edit(done, f"update tags set value = '{commit.strip()}' {NAMED}")
    done.fails("lineage", "which is not on solution/")


def test_work_handed_in_under_another_name(done: LearnerClone) -> None:
    done.sh("sed -i s/ada@example.org/eve@example.org/ ../../learner.toml; git commit -qam 'My work'")
    done.fails("lineage", "eve@example.org")


def test_without_an_id_nothing_is_judged(done: LearnerClone) -> None:
    (done.root / "learner.toml").write_text('id = ""\n')
    done.sh("git commit -qam 'Who am I'")
    done.fails("experiment", "learner.toml")


def test_a_branch_carries_no_store(done: LearnerClone) -> None:
    assert {result.outcome for result in done.branch().results().values()} == {Outcome.UNAVAILABLE}
