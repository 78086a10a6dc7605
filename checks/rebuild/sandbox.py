"""Run a command that a learner's work decides about, so that it can hurt neither the machine nor its own verdict.

A `Sandbox` is one of two: bubblewrap on Linux, and a container wherever a Docker engine runs. `checks.rebuild.find`
chooses. For one's own work only, and only when trusted, there is `checks.rebuild.unconfined`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from checks.expect import NotJudged
from checks.rebuild.limits import DEFAULT_LIMITS, Limits

Ended = Literal["exited", "timeout", "cpu", "memory", "output", "results", "killed"]
"""How a run ended: by itself; at the limit of wall time, of processor time, of memory, of output; by itself, but with
results that are larger than the disk limit and were not taken; by the kernel, as the machine was out of memory."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of programs that run beside others: fewer processes to count, and sums that come out the same.

On a busy machine, threads of OpenMP wait for each other at full speed: two of them need twice the processor time."""


class SandboxError(NotJudged):
    """The sandbox could not be set up or watched. Our fault or the machine's: never a verdict on the work."""


class SandboxUnavailable(Exception):  # noqa: N818 - an outcome, not an error of the program
    """There is no working sandbox on this machine: why in a few words, and the command that helps."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; what would do: {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and all that it gets. Paths within the sandbox are below the folder `work`."""

    argv: Sequence[str]
    _: KW_ONLY
    work: Path
    """A folder of ours with the files to start from."""
    cwd: str = "."
    read_only: Mapping[Path, str] = field(default_factory=dict)
    """Folders of the machine, and where each appears."""
    results: Sequence[str] = ()
    """Files or folders to keep, none below another one."""
    out: Path | None = None
    """The empty folder that they are copied to, each to the same place below it."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that are added to the environment."""
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if self.results and self.out is None:
            raise ValueError("results need a folder to be copied to")


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run. Whoever ran inside chose the output and the exit code: neither proves anything."""

    argv: tuple[str, ...]
    exit_code: int | None
    """None where the command did not end by itself. 128 + n where signal n ended it."""
    output: bytes
    """Standard output and error together, cut at the limit. May hold anything, control characters too."""
    seconds: float
    ended: Ended
    cpu_seconds: float = 0.0
    """Processor time, of the whole tree where a control group counts it."""

    def last_lines(self, count: int = 10) -> str:
        """The end of the output as text, for a message. Whoever shows it escapes it."""
        return "\n".join(self.output.decode("utf-8", "replace").splitlines()[-count:])


class Sandbox(Protocol):
    """A place to run a command in."""

    def run(self, command: Command) -> Run:
        """Run a command, end whatever it started, then copy what it made. `work` stays as it is.

        Results are copied after every process is dead; links and special files are left out, so a result that is
        missing there was not made.

        Raises SandboxError where it could not be set up, ValueError where a path is absolute or climbs with `..`,
        and TooLarge where the files to start from do not fit the limits.
        """
        ...


def environment(variables: Mapping[str, str], *, home: str, temporary: str, path: str | None = None) -> dict[str, str]:
    """The whole environment of a rebuild, with `variables` added: none of ours leaks into it.

    `path` is where programs are found: this interpreter's folder and the system's, unless told otherwise.
    """
    return {
        "PATH": path or f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": temporary,
        "USER": "learner",
        "LANG": "C.UTF-8",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": f"{home}/.dvc-site-cache",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **ONE_THREAD,
        **variables,
    }
