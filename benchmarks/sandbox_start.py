"""What a sandbox adds to a command: `true` in bubblewrap and in a container, beside `true` run straight.

A container is measured where an engine with an image is at hand: the course's own, or the name in `IMAGE`.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import Sample, table
from checks.rebuild import bubblewrap, container
from checks.rebuild.sandbox import Command

ROUNDS = 40
CONTAINER_ROUNDS = 8


def main() -> None:
    """Print the seconds of each, and how they compare with the plain run."""
    image = os.environ.get("IMAGE", container.IMAGE)
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as folder:
        work = Path(folder)
        ways: dict[str, tuple[Callable[[], object], int]] = {
            "plain": (lambda: subprocess.run(["true"], check=True), ROUNDS),
        }
        if reason := bubblewrap.unavailable():
            print(f"bubblewrap: {reason}")
        else:
            ways["bubblewrap"] = (lambda: bubblewrap.Bubblewrap().run(Command(["true"], work=work)), ROUNDS)
        if missing := container.unavailable(image):
            print(f"container: {missing.reason}")
        else:
            ways["container"] = (lambda: container.Container(image).run(Command(["true"], work=work)), CONTAINER_ROUNDS)
        samples = {name: [_sample(way) for _ in range(rounds)] for name, (way, rounds) in ways.items()}
    print(table(samples))
    plain = statistics.median(wall for wall, _ in samples["plain"])
    for name, values in samples.items():
        wall = statistics.median(wall for wall, _ in values)
        print(f"{name}: {wall / plain:.0f} times plain, adds {(wall - plain) * 1000:.0f} ms")


def _sample(way: Callable[[], object]) -> Sample:
    """Of this process and its children; what the Docker engine computes is not among the CPU seconds."""
    before, began = _processor_seconds(), time.perf_counter()
    way()
    return time.perf_counter() - began, _processor_seconds() - before


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
