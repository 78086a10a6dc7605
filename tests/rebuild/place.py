"""One sandbox in the tests, and limits that are met soon."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from checks.rebuild.limits import MIB, Limits
from checks.rebuild.sandbox import Command, Run, Sandbox

SMALL = Limits(
    wall_seconds=60.0,
    cpu_seconds=20,
    memory_bytes=512 * MIB,
    processes=32,
    file_bytes=4 * MIB,
    disk_bytes=16 * MIB,
    disk_files=500,
    output_bytes=64 * 1024,
)
SHORT = replace(SMALL, wall_seconds=3.0)
"""For who is to meet the limit of wall time, and no other: on a busy machine, nothing else is sure to end in 3 s."""
PATIENCE = 300.0
"""Seconds after which even a machine that is busy with other work has ended what never ends by itself."""


@dataclass(frozen=True)
class Place:
    """One sandbox, and what is to be known of it to run a test there."""

    name: str
    sandbox: Sandbox
    python: str
    """The interpreter to start inside."""

    def script(self, text: str, *arguments: str, work: Path, limits: Limits = SMALL) -> Run:
        """Run Python code inside, and hold the run to an end."""
        began = time.monotonic()
        done = self.sandbox.run(Command([self.python, "-Sc", text, *arguments], work=work, limits=limits))
        assert time.monotonic() - began < limits.wall_seconds + PATIENCE
        return done


def living(marker: str) -> list[str]:
    """The processes of this machine whose command line holds `marker`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            pass
    return found
