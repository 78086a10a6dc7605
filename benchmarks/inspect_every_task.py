"""What inspecting the finished course costs, beside what only importing the tools' own libraries costs.

    python -m benchmarks.inspect_every_task [--rounds 7]

One clone with the solution of every task that this machine can build: `mlsd check --format json` of all, of each, and
`import mlflow, dvc.repo` in the same Python, in turn. Seconds as median [minimum, maximum].
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import in_turn, ratios, table
from checks.core.course import load_course
from checks.selftest.build import solve
from checks.selftest.example import buildable

LIBRARIES = "import mlflow, dvc.repo"


def main() -> None:
    """Build the solutions, then time the commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    course = load_course()
    tasks = buildable(course)
    check = [str(Path(sys.executable).parent / "mlsd"), "check"]
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as scratch:
        clone = Path(scratch, "clone")
        print(f"building the solutions of {', '.join(task.id for task in tasks)} ...", file=sys.stderr)
        solve(course, tasks, clone)
        everything = [task.id for task in tasks]
        commands = {
            f"mlsd check {' '.join(everything)}": [*check, *everything, "--format", "json"],
            **{f"mlsd check {task.id}": [*check, task.id, "--format", "json"] for task in tasks},
            "mlsd --help": [check[0], "--help"],
            LIBRARIES: [sys.executable, "-c", LIBRARIES],
        }
        samples = in_turn(commands, clone, {**os.environ, "DVC_NO_ANALYTICS": "1"}, rounds)
    print(table(samples))
    every = next(iter(samples.values()))
    print(f"every task against `{LIBRARIES}`, pair by pair:", ratios(every, samples[LIBRARIES]))


if __name__ == "__main__":
    main()
