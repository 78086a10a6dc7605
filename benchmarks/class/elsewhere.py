"""How such work is graded elsewhere: a process of pytest for each submission with the tools' own libraries, or one
session of pytest over all of them that reads the files itself.

The checks are those of tasks 1.1 and 2.1 as somebody would write them in an afternoon: fewer than ours.
"""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

from benchmarks.timing import Sample, measure
from checks.course.course import Course

DVC = textwrap.dedent('''
    """Task 1.1 with DVC's own library."""
    import os
    from dvc.repo import Repo

    TASK = os.path.join(os.environ["SUBMISSION"], "1_model_versioning/task1_intro_to_dvc")

    def test_versions():
        with Repo(TASK) as repo:
            assert {"data-v1.0.0", "data-v1.1.0"} <= set(repo.scm.list_tags())
            assert repo.config["core"]["remote"]
            for revision in repo.brancher(revs=["data-v1.0.0", "data-v1.1.0"]):
                outs = [out for out in repo.index.outs if out.def_path.endswith("rentals.csv")]
                assert outs or revision == "workspace"
            outs = [out for out in repo.index.outs if out.def_path.endswith("rentals.csv")]
            assert not repo.cloud.status([out.hash_info for out in outs]).missing
''')

MLFLOW = textwrap.dedent('''
    """Task 2.1 with MLflow's own client."""
    import os
    from mlflow import MlflowClient

    TASK = os.path.join(os.environ["SUBMISSION"], "2_experiment_tracking/task1_intro_to_mlflow")

    def test_runs():
        client = MlflowClient("sqlite:///" + os.path.join(TASK, "mlflow.db"))
        experiments = client.search_experiments()
        runs = client.search_runs([experiment.experiment_id for experiment in experiments])
        assert len(runs) >= 3
        for run in runs:
            assert run.info.status == "FINISHED"
            assert run.data.params and run.data.metrics and run.inputs.dataset_inputs
            for name in run.data.metrics:
                assert client.get_metric_history(run.info.run_id, name)
        models = client.search_logged_models([experiment.experiment_id for experiment in experiments])
        assert models
''')

DIRECT = textwrap.dedent('''
    """Tasks 1.1 and 2.1 read directly, one session for the class."""
    import hashlib, os, sqlite3, subprocess
    from pathlib import Path
    import pytest, yaml

    CLASS = sorted(Path(os.environ["CLASS"]).iterdir())

    @pytest.fixture(params=CLASS, ids=lambda path: path.name)
    def submission(request):
        return request.param
''')

DIRECT_DVC = DIRECT + textwrap.dedent("""
    def git(folder, *words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout

    def test_versions(submission):
        task = submission / "1_model_versioning/task1_intro_to_dvc"
        assert {"data-v1.0.0", "data-v1.1.0"} <= set(git(submission, "tag").split())
        for tag in ("data-v1.0.0", "data-v1.1.0"):
            pointer = yaml.safe_load(git(submission, "show", f"{tag}:{task.relative_to(submission)}/data/rentals.csv.dvc"))
            md5 = pointer["outs"][0]["md5"]
            stored = submission / ".storage/files/md5" / md5[:2] / md5[2:]
            assert hashlib.md5(stored.read_bytes()).hexdigest() == md5
""")

DIRECT_MLFLOW = DIRECT + textwrap.dedent("""
    def rows(store, question):
        with sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True) as connection:
            return connection.execute(question).fetchall()

    def test_runs(submission):
        store = submission / "2_experiment_tracking/task1_intro_to_mlflow/mlflow.db"
        runs = rows(store, "select run_uuid, status from runs where lifecycle_stage = 'active'")
        assert len(runs) >= 3 and {status for _, status in runs} == {"FINISHED"}
        for table in ("params", "metrics", "latest_metrics", "inputs", "logged_models"):
            assert rows(store, f"select * from {table}")
""")


def loop(script: str, submissions: list[Path], scratch: Path) -> Sample:
    """A process of pytest for each submission, one after the other."""
    samples = [_pytest(script, scratch, SUBMISSION=str(submission)) for submission in submissions]
    return sum(wall for wall, _ in samples), sum(cpu for _, cpu in samples)


def session(script: str, folder: Path, scratch: Path) -> Sample:
    """One session of pytest over a class."""
    return _pytest(script, scratch, CLASS=str(folder))


def _pytest(script: str, scratch: Path, **variables: str) -> Sample:
    test = scratch / "elsewhere/test_task.py"
    test.parent.mkdir(exist_ok=True)
    test.write_text(script)
    plugins = [word for name in ("cacheprovider", "mlsd", "hydra_pytest") for word in ("-p", f"no:{name}")]
    environment = os.environ | {"DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"} | variables
    return measure([sys.executable, "-m", "pytest", "-q", *plugins, str(test)], test.parent, environment)


def tasks(course: Course) -> dict[str, tuple[str, str]]:
    """For each task that is compared: the script with the tool's own library, and the one that reads directly."""
    return {course.task("1.1").id: (DVC, DIRECT_DVC), course.task("2.1").id: (MLFLOW, DIRECT_MLFLOW)}
