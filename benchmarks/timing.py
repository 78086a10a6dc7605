"""Timing whole processes, in turn, so that what is compared met the same machine."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

Sample = tuple[float, float]
"""Wall and CPU seconds of one process with its children."""


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Sample:
    """Run a command once. It must succeed, so that what is timed is the whole work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_turn(
    commands: Mapping[str, Sequence[str]], folder: Path, environment: Mapping[str, str], rounds: int
) -> dict[str, list[Sample]]:
    """The samples of each command. One more round, before the others, warms the disk's cache."""
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            sample = measure(command, folder, environment)
            if turn:
                samples[name].append(sample)
    return samples


def shown(values: Sequence[float]) -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):.3f} [{min(values):.3f}, {max(values):.3f}]"


def table(samples: Mapping[str, Sequence[Sample]]) -> str:
    """A line for each command: wall seconds, CPU seconds."""
    width = max(len(name) for name in samples) + 2
    lines = [f"{'':{width}}{'wall seconds':26}CPU seconds"]
    for name, values in samples.items():
        lines.append(f"{name:{width}}{shown([wall for wall, _ in values]):26}{shown([cpu for _, cpu in values])}")
    return "\n".join(lines)


def ratios(ours: Sequence[Sample], theirs: Sequence[Sample]) -> str:
    """The ratios pair by pair, of wall and of CPU seconds."""
    pairs = list(zip(ours, theirs, strict=True))
    return " and ".join(
        f"{shown([one[i] / other[i] for one, other in pairs])} ({name})" for i, name in ((0, "wall"), (1, "CPU"))
    )
