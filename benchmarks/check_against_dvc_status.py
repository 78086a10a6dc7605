"""How long `mlsd check 1.1 --format json` takes beside `dvc status`, in the same finished folder, in turn.

    python benchmarks/check_against_dvc_status.py [--rounds 15]

Prints seconds (wall and CPU) as median [minimum, maximum], and the median of the pairwise ratios: a ratio below 1
means that checking is faster than asking DVC. Machines are noisy: read the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.course.course import load_course
from checks.selftest.build import solve

Sample = tuple[float, float]
"""Wall and CPU seconds of one process with its children."""


def measure(command: list[str], folder: Path, environment: dict[str, str]) -> Sample:
    """Run a command once. It must succeed, so that what is timed is the whole work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def shown(values: list[float]) -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):.3f} [{min(values):.3f}, {max(values):.3f}]"


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
        samples: dict[str, list[Sample]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                sample = measure(command, clone / task.folder, environment)
                if turn:  # the first turn warms the disk's cache
                    samples[name].append(sample)
    checks, dvc = samples.values()
    print(f"{'':32}{'wall seconds':26}CPU seconds")
    for name, values in samples.items():
        print(f"{name:32}{shown([wall for wall, _ in values]):26}{shown([cpu for _, cpu in values])}")
    ratios = [[check[i] / status[i] for check, status in zip(checks, dvc, strict=True)] for i in (0, 1)]
    print(f"{'ratio, pair by pair':32}{shown(ratios[0]):26}{shown(ratios[1])}")


if __name__ == "__main__":
    main()
