"""An environment made of locked packages, and a learner's script in it.

The environment is made twice. First alone, before anything of the learner's runs: so a failure there is ours, and its
records are those of the packages. Then again in the learner's clone, where the script may do with it what it likes.
"""

from __future__ import annotations

import posixpath
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from checks.evidence.conda.prefix import RECORDS
from checks.rebuild import conda_install
from checks.rebuild.conda_packages import lay_out
from checks.rebuild.limits import MIB, Limits
from checks.rebuild.sandbox import Command, Sandbox, SandboxError

if TYPE_CHECKING:
    from checks.evidence.conda.package import Package

PREFIX = "env"
"""The environment's folder, below the task folder."""
PLACE = ".mlsd-packages"
"""Where the packages appear, below the clone's root."""
ENVIRONMENT_BYTES = 2048 * MIB
"""The size of an environment, beside what the learner's own work may: Python, numpy, scipy and scikit-learn of
conda-forge take about 500 MiB."""
ENVIRONMENT_FILES = 100_000
"""Files of an environment, beside those of the work. The same packages have about 25,000."""


@contextmanager
def laid_out(packages: Sequence[Package]) -> Iterator[Path]:
    """A folder with the packages and what installs them. Raises what `conda_packages.lay_out` raises."""
    with tempfile.TemporaryDirectory(prefix="mlsd-packages-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch, "packages")
        folder.mkdir()
        lay_out(packages, folder)
        shutil.copyfile(conda_install.__file__, folder / "conda_install.py")
        for path in (folder, folder / "conda_install.py"):
            path.chmod(0o755)
        yield folder


def command(task_folder: str) -> str:
    """The command that makes the environment, typed in the task folder. A committed folder of its name does not count."""
    return f"rm -rf {PREFIX} && python {posixpath.relpath(PLACE, task_folder)}/conda_install.py {PREFIX}"


def with_room(limits: Limits) -> Limits:
    """These limits, and an environment beside the work."""
    return replace(
        limits,
        disk_bytes=limits.disk_bytes + ENVIRONMENT_BYTES,
        disk_files=limits.disk_files + ENVIRONMENT_FILES,
        tree_bytes=limits.tree_bytes + ENVIRONMENT_BYTES,
    )


def install_alone(sandbox: Sandbox, packages: Path, task_folder: str, out: Path, limits: Limits) -> None:
    """Make the environment of what is in the folder `packages`; its records come to their place below `out`.

    Raises SandboxError where it is not made: nothing of the learner's has run.
    """
    with tempfile.TemporaryDirectory(prefix="mlsd-install-") as scratch:
        Path(scratch, task_folder).mkdir(parents=True)
        run = sandbox.run(
            Command(
                ["sh", "-c", command(task_folder)],
                work=Path(scratch),
                cwd=task_folder,
                read_only={packages: PLACE},
                results=[posixpath.join(task_folder, PREFIX, RECORDS)],
                out=out,
                limits=limits,
            )
        )
    if run.ended != "exited" or run.exit_code != 0:
        raise SandboxError(f"the locked packages were not installed ({run.ended}): {run.last_lines(3)}")
