"""What the sandbox and the fresh clone of each rebuild cost, beside the same commands typed by hand.

    python -m benchmarks.rebuild_recipes [--rounds 3] [--only 1.2]

Both begin with a clone of the finished work, made anew. Seconds as median [minimum, maximum], and the median of what a
recipe takes more, which should be below a tenth of the command's time or below one second: our own start (Python, our
modules, and trying the sandbox) is measured by itself and left out, as it comes once for a whole class. The last line
of a task is the whole verdict of its step with `--rebuild`: it may run the commands more than once, to tell chance
from deceit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import in_turn, table
from checks.core.checker import import_checker
from checks.core.clone import Clone
from checks.core.course import Course, load_course
from checks.core.recipe import Script
from checks.core.workspace import Workspace
from checks.rebuild.find import find_sandbox
from checks.rebuild.rebuilder import Rebuilder
from checks.rebuild.sandbox import ONE_THREAD
from checks.selftest.build import solve
from checks.selftest.example import buildable
from tests.task_modules import module_of

DATA = "data/rentals.csv"
START = "start"
"""In place of a step: nothing but our own start."""
MONTHS = 3
OWN = {DATA: MONTHS}
RUN_IMAGE = "docker create --name $1 --network none mlsd-benchmark && docker cp data $1:/app/data && docker start -a $1"


@dataclass(frozen=True)
class Recipe:
    """What a learner types in the task folder of a fresh clone, where `$solved` is the finished one, and the recipe."""

    step: str
    by_hand: str
    recipe: Callable[[Workspace], object]


def _restore(work: Workspace) -> object:
    restore = import_checker(load_course().task("1.1").path / "test_task.py").restore
    return restore.pulled(work, work.versions(DATA)[-1])


def _environment(work: Workspace) -> object:
    environment = work.conda.environment(work.snapshot)
    if environment is None:
        raise SystemExit("the solution of 3.2 has no environment")
    packages = module_of(load_course().task("3.2"), "environment").packages_here(
        work.conda.locks(work.snapshot), environment
    )
    return work.made_in_environment(packages, Script("env/bin/python train.py", data=OWN, results=("metrics.json",)))


_LAY = f"mkdir -p data && cp $solved/$task/{DATA} data/"
RECIPES = (
    Recipe("1.1/restore", "cp -r $solved/.storage ../.. && dvc pull -q", _restore),
    Recipe("1.2/reproduce", f"{_LAY} && dvc repro -q", lambda work: work.made(Script("dvc repro -q", data=OWN))),
    Recipe("2.1/truth", f"{_LAY} && python track.py", lambda work: work.made(Script("python track.py", data=OWN))),
    Recipe(
        "2.2/project",
        f"{_LAY} && mlflow run . --env-manager local --experiment-name bike-demand",
        lambda work: work.made(Script("mlflow run . --env-manager local --experiment-name bike-demand", data=OWN)),
    ),
    Recipe(
        "3.1/rebuild",
        f"{_LAY} && docker build -q --no-cache -t mlsd-benchmark . && run() {{ {RUN_IMAGE}; }} && run mlsd-first && "
        "run mlsd-second && docker cp mlsd-first:/app/output . && docker cp mlsd-second:/app/output again && "
        "docker rm mlsd-first mlsd-second && docker image rm mlsd-benchmark",
        lambda work: work.built(data=OWN, output="output", runs=("output", "again")),
    ),
    Recipe(
        "3.2/recreate",
        f"{_LAY} && conda-lock install --prefix ./env conda-lock.yml && env/bin/python train.py",
        _environment,
    ),
)


def main() -> None:
    """Build the solutions, then time each recipe and its commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", metavar="TASK")
    parser.add_argument("--recipe", nargs=2, metavar=("STEP", "CLONE"), help=argparse.SUPPRESS)  # what is timed
    options = parser.parse_args()
    course = load_course()
    if options.recipe:
        _run(course, *options.recipe)
        return
    tasks = [task for task in buildable(course) if options.only in (None, task.id)]
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as scratch:
        solved = Path(scratch, "solved")
        print(f"building the solutions of {', '.join(task.id for task in tasks)} ...", file=sys.stderr)
        solve(course, tasks, solved)
        for recipe in RECIPES:
            if any(recipe.step.startswith(f"{task.id}/") for task in tasks):
                _compare(course, recipe, solved, options.rounds)


def _compare(course: Course, recipe: Recipe, solved: Path, rounds: int) -> None:
    task = course.task(recipe.step.partition("/")[0])
    commands = Path(sys.executable).parent
    again = f'rm -rf clone && git clone -q "$solved" clone && cd "clone/$task" && {recipe.by_hand}'
    ours = [sys.executable, "-m", "benchmarks.rebuild_recipes", "--recipe"]
    check = [str(commands / "mlsd"), "check", recipe.step, "--in", str(solved), "--rebuild", "--format", "json"]
    with TemporaryDirectory(prefix="mlsd-hand-", ignore_cleanup_errors=True) as folder:
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)]),
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": f"{folder}/dvc",
            "solved": str(solved),
            "task": task.folder,
            "PYTHONPATH": str(course.path),
            **ONE_THREAD,  # as in the sandbox: what is compared is the way, not the number of processors
        }
        samples = in_turn(
            {
                f"{recipe.step} by hand": ["sh", "-e", "-c", again],
                f"{recipe.step} recipe": [*ours, recipe.step, str(solved)],
                "our start": [*ours, START, str(solved)],
                f"{recipe.step} verdict": check,
            },
            Path(folder),
            environment,
            rounds,
        )
    print(table(samples))
    hand, made, start, _ = ([wall for wall, _ in values] for values in samples.values())
    more = statistics.median(one - begun - other for one, begun, other in zip(made, start, hand, strict=True))
    allowed = max(1.0, statistics.median(hand) / 10)
    print(f"{recipe.step}: {more:+.2f} s, of {allowed:.2f} s that it may take more\n")


def _run(course: Course, step: str, clone: str) -> None:
    if step == START:
        find_sandbox()
        return
    task = course.task(step.partition("/")[0])
    work = Workspace(Clone(Path(clone)), task.folder, Rebuilder(find_sandbox()))
    made = next(recipe for recipe in RECIPES if recipe.step == step).recipe(work)
    work.close()
    if getattr(made, "exit_code", 0):
        raise SystemExit(f"{step}: the commands failed in the sandbox")


if __name__ == "__main__":
    main()
