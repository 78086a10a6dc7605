"""The verdict of a step with `--rebuild` beside the same commands typed by hand in a fresh clone.

    python -m benchmarks.rebuild [TASK ...] [--rounds 3]

The difference is the sandbox, the fresh clone, our own start and the comparison; a step may run the commands more than
once, to tell chance from deceit. Steps whose task can't be built here are left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.classes import note
from benchmarks.timing import in_turn, ratios, table
from checks.core.course import Course, load_course
from checks.rebuild.sandbox import ONE_THREAD
from checks.selftest.build import solve
from checks.selftest.example import buildable

_DATA = "mkdir -p data && cp $solved/$task/data/rentals.csv data/"
_RUN_IMAGE = (
    "docker create --name $1 --network none mlsd-benchmark && docker cp data $1:/app/data && docker start -a $1"
)
BY_HAND = {
    "1.1/restore": "cp -r $solved/.storage ../.. && dvc pull -q",
    "1.2/reproduce": f"{_DATA} && dvc repro -q",
    "2.1/truth": f"{_DATA} && python track.py",
    "2.2/project": f"{_DATA} && mlflow run . --env-manager local --experiment-name bike-demand",
    "3.1/rebuild": f"{_DATA} && docker build -q --no-cache -t mlsd-benchmark . && run() {{ {_RUN_IMAGE}; }} && "
    "run mlsd-first && run mlsd-second && docker rm mlsd-first mlsd-second && docker image rm mlsd-benchmark",
    "3.2/recreate": f"{_DATA} && conda-lock install --prefix ./env conda-lock.yml && env/bin/python train.py",
}
"""The commands that a learner types in the task folder of a fresh clone, where `$solved` is the finished one."""


def main() -> None:
    """Build the solutions, then time each step and its commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    course = load_course()
    tasks = [task for task in buildable(course) if not options.tasks or task.id in options.tasks]
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as scratch:
        solved = Path(scratch, "solved")
        note(f"building the solutions of {', '.join(task.id for task in tasks)} ...")
        solve(course, tasks, solved)
        for step, commands in BY_HAND.items():
            if step.partition("/")[0] in {task.id for task in tasks}:
                _compare(course, step, commands, solved, options.rounds)


def _compare(course: Course, step: str, by_hand: str, solved: Path, rounds: int) -> None:
    commands = Path(sys.executable).parent
    again = f'rm -rf clone && git clone -q "$solved" clone && cd "clone/$task" && {by_hand}'
    check = [str(commands / "mlsd"), "check", step, "--in", str(solved), "--rebuild"]
    with TemporaryDirectory(prefix="mlsd-hand-", ignore_cleanup_errors=True) as folder:
        variables = {
            "PATH": os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)]),
            "DVC_SITE_CACHE_DIR": f"{folder}/dvc",
            "solved": str(solved),
            "task": course.task(step.partition("/")[0]).folder,
            **ONE_THREAD,  # as in the sandbox: what is compared is the way, not the number of processors
        }
        names = f"mlsd check {step} --rebuild", "by hand"
        costs = in_turn(
            dict(zip(names, (check, ["sh", "-e", "-c", again]), strict=True)), Path(folder), rounds, variables
        )
    print(table(costs))
    print("ratio, pair by pair:", ratios(*costs.values()), "\n")


if __name__ == "__main__":
    main()
