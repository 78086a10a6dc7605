"""Run a command that a learner's work decides about, so that it can hurt neither the machine nor its own verdict.

There are two sandboxes: `checks.rebuild.bubblewrap` on Linux, and `checks.rebuild.container` wherever a Docker engine
runs. For one's own work only, and only when trusted, there is `checks.rebuild.unconfined`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from checks.expect import NotJudged
from checks.rebuild.command import Command
from checks.rebuild.tree import Budget, TooLarge, copy_named, folder

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
        """Run a command, end whatever it started, then copy what it made.

        Results are copied after every process is dead; links and special files are left out, so a result that is
        missing there was not made.

        Raises SandboxError where it could not be set up, ValueError where a path is absolute or climbs with `..`,
        and TooLarge where the files to start from do not fit the limits.
        """
        ...


def find_sandbox() -> Sandbox:
    """Give the sandbox of this machine: bubblewrap where it works, else a container. Raises SandboxUnavailable."""
    from checks.rebuild.container import Container  # both import this module
    from checks.rebuild.container import unavailable as no_container

    reasons, remedies = [], []
    if sys.platform == "linux":
        from checks.rebuild.bubblewrap import Bubblewrap
        from checks.rebuild.bubblewrap import unavailable as no_bubblewrap

        reason = no_bubblewrap()
        if reason is None:
            return Bubblewrap()
        reasons.append(reason)
        remedies.append("apt-get install bubblewrap (Debian, Ubuntu)")
    missing = no_container()
    if missing is None:
        return Container()
    raise SandboxUnavailable(", and ".join([*reasons, missing.reason]), ", or ".join([*remedies, missing.remedy]))


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


def copy_results(source: int, command: Command) -> bool:
    """Copy a command's results from the open folder `source`. False where they are larger than the limits."""
    if not command.results:
        return True
    if command.out is None:
        raise ValueError("results need a folder to be copied to")
    budget = Budget(size=command.limits.disk_bytes, entries=command.limits.disk_files)
    try:
        with folder(command.out) as target:
            for name in command.results:
                copy_named(source, target, name, budget=budget)
    except TooLarge:
        return False
    except OSError as error:
        raise SandboxError(f"results could not be copied to {command.out}: {error.strerror}") from error
    return True
