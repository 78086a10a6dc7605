"""What a sandbox adds to a command: `true` in bubblewrap and in a container, beside `true` run straight.

A container is measured where an engine with an image is at hand: the course's own, or the name in `IMAGE`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import shown
from checks.rebuild import bubblewrap, container

ROUNDS = 40
CONTAINER_ROUNDS = 8


def main() -> None:
    """Print seconds of each, as median, minimum and maximum, and what is added to the plain run."""
    image = os.environ.get("IMAGE", container.IMAGE)
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as folder:
        work = Path(folder)
        ways: dict[str, tuple[Callable[[], object], int]] = {
            "plain": (lambda: subprocess.run(["true"], check=True), ROUNDS),
        }
        if reason := bubblewrap.unavailable():
            print(f"bubblewrap: {reason}")
        else:
            ways["bubblewrap"] = (lambda: bubblewrap.Bubblewrap().run(["true"], work=work), ROUNDS)
        if missing := container.unavailable(image):
            print(f"container: {missing.reason}")
        else:
            ways["container"] = (lambda: container.Container(image).run(["true"], work=work), CONTAINER_ROUNDS)
        times = {name: [_seconds(way) for _ in range(rounds)] for name, (way, rounds) in ways.items()}
    plain = statistics.median(times["plain"])
    print("seconds to run `true`: median [minimum, maximum]")
    for name, values in times.items():
        added = statistics.median(values) - plain
        print(f"{name:12}{shown(values)}" + (f"  adds {added * 1000:.0f} ms" if name != "plain" else ""))


def _seconds(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
