"""`mlsd grade` beside a loop of pytest processes that use the tools' own libraries, as such work is graded elsewhere.

    python -m benchmarks.elsewhere [--size 1000] [--rounds 3]

The checks elsewhere are those of tasks 1.1 and 2.1 as somebody would write them in an afternoon, and look at less than
ours. Milliseconds a submission: `mlsd grade` over a class of SIZE, and the loop over two of it.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.classes import build_solution, lay_out
from benchmarks.timing import Cost, measure, ratios, spread
from checks.core.course import load_course

DVC = '''
    """Task 1.1 with DVC's own library."""
    import os
    from dvc.repo import Repo

    def test_versions():
        with Repo(os.environ["TASK"]) as repo:
            assert {"data-v1.0.0", "data-v1.1.0"} <= set(repo.scm.list_tags())
            assert repo.config["core"]["remote"]
            for revision in repo.brancher(revs=["data-v1.0.0", "data-v1.1.0"]):
                outs = [out for out in repo.index.outs if out.def_path.endswith("rentals.csv")]
                assert outs or revision == "workspace"
            outs = [out for out in repo.index.outs if out.def_path.endswith("rentals.csv")]
            assert not repo.cloud.status([out.hash_info for out in outs]).missing
'''
MLFLOW = '''
    """Task 2.1 with MLflow's own client."""
    import os
    from mlflow import MlflowClient

    def test_runs():
        client = MlflowClient("sqlite:///" + os.path.join(os.environ["TASK"], "mlflow.db"))
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
'''


def main() -> None:
    """Print both for each task, and how they compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    course = load_course()
    scripts = {course.task("1.1"): DVC, course.task("2.1"): MLFLOW}
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        submissions = lay_out(
            build_solution(course, list(scripts), scratch), options.size, scratch / "class", defects=False
        )
        few = sorted(submissions.iterdir())[:2]
        mlsd = [str(Path(sys.executable).with_name("mlsd")), "grade", str(submissions)]
        for task, script in scripts.items():
            ours, loop = [], []
            for turn in range(options.rounds):
                out = ["--out", str(scratch / f"out-{task.id}-{turn}"), "--task", task.id]
                ours.append(_each([measure([*mlsd, *out], scratch)], options.size))
                loop.append(_each([_pytest(script, one / task.folder, scratch) for one in few], len(few)))
            for title, costs in (("mlsd grade", ours), ("a loop of pytest", loop)):
                wall, cpu = spread([cost.wall for cost in costs], ".1f"), spread([cost.cpu for cost in costs], ".1f")
                print(f"{task.id}  {title:18} ms a submission: {wall} (wall), {cpu} (CPU)")
            print(f"{task.id}  times ours: {ratios(loop, ours)}")


def _pytest(script: str, task: Path, scratch: Path) -> Cost:
    """One process of pytest over one submission."""
    test = scratch / "elsewhere/test_task.py"
    test.parent.mkdir(exist_ok=True)
    test.write_text(textwrap.dedent(script))
    plugins = [word for name in ("cacheprovider", "mlsd", "hydra_pytest") for word in ("-p", f"no:{name}")]
    return measure([sys.executable, "-m", "pytest", "-q", *plugins, str(test)], test.parent, {"TASK": str(task)})


def _each(costs: list[Cost], count: int) -> Cost:
    """Milliseconds for each of so many."""
    wall, cpu = sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs)
    return Cost(1e3 * wall / count, 1e3 * cpu / count, max(cost.peak for cost in costs))


if __name__ == "__main__":
    main()
