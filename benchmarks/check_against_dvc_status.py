"""How long `mlsd check 1.1 --format json` takes beside `dvc status`, in the same finished folder, in turn.

    python -m benchmarks.check_against_dvc_status [--rounds 15]

Prints seconds (wall and CPU) as median [minimum, maximum], and the median of the pairwise ratios: a ratio below 1
means that checking is faster than asking DVC. Machines are noisy: read the ratio, not the seconds.
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


def main() -> None:
    """Build the solution of 1.1, then time both commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    course = load_course()
    task = course.task("1.1")
    bin_folder = Path(sys.executable).parent
    with TemporaryDirectory(prefix="mlsd-bench-", ignore_cleanup_errors=True) as scratch:
        clone = Path(scratch, "clone")
        print("building the solution of 1.1 ...", file=sys.stderr)
        solve(course, [task], clone)
        environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": f"{scratch}/dvc"}
        commands = {
            "mlsd check 1.1 --format json": [str(bin_folder / "mlsd"), "check", "1.1", "--format", "json"],
            "dvc status": [str(bin_folder / "dvc"), "status"],
        }
        samples = in_turn(commands, clone / task.folder, environment, rounds)
    print(table(samples))
    print("ratio, pair by pair:", ratios(*samples.values()))


if __name__ == "__main__":
    main()
