"""Task 2.2 made again from its commit in the real sandbox. What fails there, `mlsd selftest 2.2` proves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from checks.model import Outcome
from checks.rebuild.rebuilder import Rebuilder
from tests.learner_clone import LearnerClone
from tests.task_2_2.store import moved
from tests.task_2_2.test_honest_routes import COMMIT, CONDA_ENV, CONDA_PROJECT, RECORDS

ASK = """
import json, pathlib
import mlflow, pandas

request = {records}
model = mlflow.pyfunc.load_model("models:/bike-demand@champion")
answer = model.predict(pandas.DataFrame(request).astype(float)).tolist()
kept = {{"request": {{"dataframe_records": request}}, "response": {{"predictions": answer}}}}
pathlib.Path("prediction.json").write_text(json.dumps(kept))
"""


def test_a_branch_makes_its_grid_and_has_no_registry(
    done: LearnerClone, clone_at: Callable[[Path], LearnerClone], rebuilder: Rebuilder, tmp_path: Path
) -> None:
    done.sh(f"git clone -q --bare ../.. {tmp_path}/bare.git")
    results = clone_at(tmp_path / "bare.git").results(rebuilder)
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
    moved(done).sh(f"python - <<'END'\n{ASK.format(records=json.dumps(RECORDS))}END\n{COMMIT}")
    done.passes(rebuilder)
