"""How such work is graded elsewhere: a process of pytest for each submission with the tools' own libraries, or one
session of pytest over all of them that reads the files directly.

The checks are those of tasks 1.1 and 2.1 as somebody would write them in an afternoon: a test for each step, and in each
less than what ours looks at. So that the same work is compared too, one session runs the course's own steps, each as a
test that stands for itself.
"""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

from benchmarks.timing import Sample, measure
from checks.core.course import Course

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
        assert runs
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
    import collections, configparser, contextlib, hashlib, os, sqlite3, subprocess
    from pathlib import Path
    import pytest, yaml
    from PIL import Image

    CLASS = sorted(Path(os.environ["CLASS"]).iterdir())

    @pytest.fixture(params=CLASS, ids=lambda path: path.name)
    def submission(request):
        return request.param
''')

DIRECT_DVC = DIRECT + textwrap.dedent("""
    TASK = "1_model_versioning/task1_intro_to_dvc"
    TAGS = ("data-v1.0.0", "data-v1.1.0")

    def git(folder, *words):
        done = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else ""

    def pointer(submission, revision):
        text = git(submission, "show", f"{revision}:{TASK}/data/rentals.csv.dvc")
        return yaml.safe_load(text)["outs"][0]["md5"] if text else None

    def content(path):
        return hashlib.md5(path.read_bytes()).hexdigest()

    def test_init(submission):
        tracked = git(submission, "ls-files").splitlines()
        assert any(path.endswith(".dvc/config") for path in tracked)
        assert not any(".dvc/cache/" in path for path in tracked)

    def test_track(submission):
        assert not git(submission, "log", "--format=%H", "--", f"{TASK}/data/rentals.csv")
        assert git(submission, "check-ignore", "--no-index", f"{TASK}/data/rentals.csv")

    def test_update(submission):
        commits = git(submission, "log", "--format=%H", "--", f"{TASK}/data/rentals.csv.dvc").split()
        assert len({pointer(submission, commit) for commit in commits} - {None}) >= 2

    def test_tag(submission):
        for tag in TAGS:
            assert pointer(submission, tag)
            git(submission, "merge-base", "--is-ancestor", tag, "HEAD")

    def test_remote(submission):
        settings = configparser.ConfigParser()
        settings.read_string(git(submission, "show", f"HEAD:{TASK}/.dvc/config") or git(submission, "show", "HEAD:.dvc/config"))
        assert settings["core"]["remote"]
        assert not git(submission, "log", "--format=%H", "-G", "secret_access_key", "--", "*.dvc/config")
        for md5 in (pointer(submission, tag) for tag in TAGS):
            assert content(submission / ".storage/files/md5" / md5[:2] / md5[2:]) == md5

    def test_restore(submission):
        assert content(submission / TASK / "data/rentals.csv") == pointer(submission, "HEAD")
""")

DIRECT_MLFLOW = DIRECT + textwrap.dedent("""
    TASK = "2_experiment_tracking/task1_intro_to_mlflow"

    def rows(submission, question):
        store = submission / TASK / "mlflow.db"
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)) as connection:
            return connection.execute(question).fetchall()

    @pytest.fixture
    def run(submission):
        found = rows(submission, "select run_uuid, artifact_uri from runs where status = 'FINISHED' and "
                                 "lifecycle_stage = 'active' order by start_time desc")
        assert found
        return found[0]

    def test_experiment(submission):
        assert ("bike-demand",) in rows(submission, "select name from experiments")

    def test_params(submission, run):
        assert rows(submission, f"select key, value from params where run_uuid = '{run[0]}'")

    def test_metrics(submission, run):
        found = rows(submission, f"select key, value, step from metrics where run_uuid = '{run[0]}'")
        assert {"rmse", "mae", "r2"} <= {key for key, _, _ in found}
        assert max(collections.Counter(key for key, _, _ in found).values()) >= 5

    def test_artifact(submission, run):
        pictures = list((submission / TASK / "mlruns").rglob("*.png"))
        with Image.open(pictures[0]) as picture:
            picture.load()
            assert min(picture.size) >= 200

    def test_model(submission, run):
        assert rows(submission, f"select model_id from logged_models where source_run_id = '{run[0]}'")
        models = list((submission / TASK / "mlruns").rglob("MLmodel"))
        model = yaml.load(models[0].read_bytes(), Loader=yaml.CSafeLoader)
        assert model["flavors"]["python_function"] and model["signature"]["inputs"] and model["saved_input_example_info"]

    def test_lineage(submission, run):
        commit = rows(submission, f"select value from tags where run_uuid = '{run[0]}' and key = 'mlflow.source.git.commit'")
        assert subprocess.run(["git", "-C", submission, "merge-base", "--is-ancestor", commit[0][0], "HEAD"]).returncode == 0
        assert rows(submission, f"select source_id from inputs where destination_id = '{run[0]}'")
        assert rows(submission, "select digest from datasets")
""")


OWN_STEPS = textwrap.dedent('''
    """The steps of a task's own checker, one session for the class."""
    import os
    from pathlib import Path
    import pytest
    from checks.core.checker import load_checker
    from checks.core.course import load_course
    from checks.submissions.submission import open_submission
    from checks.core.workspace import Workspace

    COURSE = load_course()
    TASK = COURSE.task(os.environ["TASK"])
    STEPS = {step.name: load_checker(TASK)[step.name] for step in TASK.steps if not step.rebuild}
    CLASS = sorted(Path(os.environ["CLASS"]).iterdir())

    @pytest.fixture(params=CLASS, ids=lambda path: path.name)
    def work(request):
        with open_submission(COURSE, request.param) as clone:
            yield Workspace(clone, TASK.folder)

    @pytest.mark.parametrize("step", STEPS)
    def test_step(work, step):
        STEPS[step](work)
''')


def loop(script: str, submissions: list[Path], scratch: Path) -> Sample:
    """A process of pytest for each submission, one after the other."""
    samples = [_pytest(script, scratch, SUBMISSION=str(submission)) for submission in submissions]
    return sum(wall for wall, _ in samples), sum(cpu for _, cpu in samples)


def session(script: str, folder: Path, scratch: Path, task: str) -> Sample:
    """One session of pytest over a class."""
    return _pytest(script, scratch, CLASS=str(folder), TASK=task)


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
