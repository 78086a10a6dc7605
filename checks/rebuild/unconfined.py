"""No sandbox: the same recipe straight on this machine, for one's own work where no sandbox works."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from checks.rebuild.command import Command
from checks.rebuild.limits import Limits
from checks.rebuild.sandbox import Run, SandboxError, copy_results, environment
from checks.rebuild.tree import folder, parts


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
            variables = environment(command.variables, home=home, temporary=home)
            run = self._run(command.argv, command.work.joinpath(*parts(command.cwd)), variables, command.limits)
        with folder(command.work) as source_folder:
            taken = copy_results(source_folder, command)
        return run if taken else replace(run, ended="results")

    def _run(self, argv: Sequence[str], cwd: Path, variables: Mapping[str, str], limits: Limits) -> Run:
        from checks.rebuild.keeper.watch import watch  # it needs a Unix; doctor asks about the sandbox everywhere

        output, writing = os.pipe()
        began, before = time.monotonic(), _children()
        try:
            try:
                process = subprocess.Popen(
                    argv,
                    cwd=cwd,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=writing,
                    stderr=writing,
                    start_new_session=True,
                )
            except OSError as error:
                raise SandboxError(f"{argv[0]} did not start: {error.strerror}") from error
            finally:
                os.close(writing)

            def kill() -> None:
                with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                    os.killpg(process.pid, signal.SIGKILL)

            ended, taken = watch(process, output, seconds=limits.wall_seconds, limit=limits.output_bytes, kill=kill)
        finally:
            os.close(output)
        seconds, spent = time.monotonic() - began, _children() - before
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        if ended == "exited":
            return Run(tuple(argv), code, taken, seconds, "exited", spent)
        return Run(tuple(argv), None, taken, seconds, "output" if ended == "output" else "timeout", spent)


def _children() -> float:
    """Processor seconds of the processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
