"""The time of `mlsd check TASK --format json` beside `dvc status`, in the same finished folder, in turn.

    python -m benchmarks.check [TASK] [--rounds 15]

TASK is 1.1 unless given. A ratio below 1 means that checking is faster than asking DVC.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.classes import note
from benchmarks.timing import in_turn, ratios, table
from checks.core.course import load_course
from checks.selftest.build import solve


def main() -> None:
    """Build the solution, then time both commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="1.1")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    course = load_course()
    task = course.task(options.task)
    commands = Path(sys.executable).parent
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as scratch:
        note(f"building the solution of {task.id} ...")
        solve(course, [task], Path(scratch, "clone"))
        check = f"mlsd check {task.id} --format json"
        costs = in_turn(
            {check: [str(commands / "mlsd"), *check.split()[1:]], "dvc status": [str(commands / "dvc"), "status"]},
            Path(scratch, "clone", task.folder),
            options.rounds,
            {"DVC_SITE_CACHE_DIR": f"{scratch}/dvc"},
        )
    print(table(costs))
    print("ratio, pair by pair:", ratios(*costs.values()))


if __name__ == "__main__":
    main()
