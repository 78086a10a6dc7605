"""Timing whole processes, in turn, so that what is compared met the same machine."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MEASURED = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss << 10]))
sys.exit(code)
"""
"""A small process around the one that is measured: to Linux, a process is as large as the one that began it ever was."""


@dataclass(frozen=True)
class Cost:
    """The cost of one process with its children."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds."""
    peak: int
    """Memory of its largest process, in bytes."""


def measure(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Cost:
    """Run a command once. It must succeed, so that what is timed is the whole work."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURED, *command],
        cwd=folder,
        env={**os.environ, "DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true", **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return Cost(*json.loads(done.stdout))


def in_turn(
    commands: Mapping[str, Sequence[str]], folder: Path, rounds: int, variables: Mapping[str, str] | None = None
) -> dict[str, list[Cost]]:
    """The costs of each command. One more round, before the others, warms the disk's cache."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            cost = measure(command, folder, variables)
            if turn:
                costs[name].append(cost)
    return costs


def spread(values: Sequence[float], form: str = ".3f") -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):{form}} [{min(values):{form}}, {max(values):{form}}]"


def table(costs: Mapping[str, Sequence[Cost]]) -> str:
    """A line for each command: wall seconds, CPU seconds."""
    width = max(len(name) for name in costs) + 2
    lines = [f"{'':{width}}{'wall seconds':26}CPU seconds"]
    for name, of in costs.items():
        lines.append(f"{name:{width}}{spread([cost.wall for cost in of]):26}{spread([cost.cpu for cost in of])}")
    return "\n".join(lines)


def ratios(ours: Sequence[Cost], theirs: Sequence[Cost]) -> str:
    """The ratios pair by pair, of wall and of CPU seconds."""
    pairs = list(zip(ours, theirs, strict=True))
    wall, cpu = [one.wall / other.wall for one, other in pairs], [one.cpu / other.cpu for one, other in pairs]
    return f"{spread(wall)} (wall), {spread(cpu)} (CPU)"
