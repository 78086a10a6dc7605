"""No sandbox: the same recipe straight on this machine, for one's own work where no sandbox works."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from checks.rebuild.sandbox import Command, Run, SandboxError, environment
from checks.rebuild.tree import Budget, TooLarge, copy_results, parts


class Unconfined:
    """Runs the same recipe straight on this machine, as oneself, with its network and files: for one's own work only.

    Wall time and output are limited, and the process group is killed at the end. The command's `work` is changed.
    """

    def run(self, command: Command) -> Run:
        """See `Sandbox.run`. Read-only folders are copied here."""
        try:
            for source, place in command.read_only.items():
                # A copy, not a link: DVC deletes objects of a remote that it finds corrupted.
                shutil.copytree(source, command.work.joinpath(*parts(place)), symlinks=True)
        except (OSError, shutil.Error) as error:
            raise SandboxError(f"a read-only folder could not be copied: {error}") from error
        with tempfile.TemporaryDirectory(prefix="mlsd-home-") as home:
            run = self._run(command, environment(command.variables, home=home, temporary=home))
        try:
            copy_results(command.work, command.results, command.out or command.work, budget=Budget.of(command.limits))
        except TooLarge:
            return replace(run, ended="results")
        except OSError as error:
            raise SandboxError(f"results could not be copied to {command.out}: {error.strerror}") from error
        return run

    def _run(self, command: Command, variables: Mapping[str, str]) -> Run:
        from checks.rebuild.process import watch  # it needs a Unix; doctor asks about the sandbox everywhere

        began, before = time.monotonic(), _children()
        try:
            process = subprocess.Popen(
                command.argv,
                cwd=command.work.joinpath(*parts(command.cwd)),
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"{command.argv[0]} did not start: {error.strerror}") from error

        def kill() -> None:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                os.killpg(process.pid, signal.SIGKILL)

        with process:
            ended, output = watch(process, command.limits, kill=kill)
        run = Run(tuple(command.argv), None, output, time.monotonic() - began, "exited", _children() - before)
        if ended == "exited":
            code = process.returncode
            return replace(run, exit_code=code if code >= 0 else 128 - code)
        return replace(run, ended="output" if ended == "output" else "timeout")


def _children() -> float:
    """Processor seconds of the processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
