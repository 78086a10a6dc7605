"""What conda calls this machine, and where it keeps the environments of whoever sits here.

Conda, mamba and their relatives note each environment's folder in `~/.conda/environments.txt`
(https://github.com/conda/conda/blob/main/conda/core/envs_manager.py); CONDA_PREFIX names the activated one, and
CONDA_ENVS_PATH, CONDA_ENVS_DIRS the folders in which named ones are.
"""

from __future__ import annotations

import os
from pathlib import Path

from checks import limits
from checks.evidence.conda.prefix import RECORDS


def platform() -> str:
    """This machine's platform, such as `linux-64`."""
    from rattler import Subdir

    return str(Subdir.current())


def named_prefix(name: str) -> Path | None:
    """The folder of the environment with this name, or None. Nobody else's environments: these are the machine's."""
    folders = [Path(path) for path in _noted() if Path(path).name == name]
    for variable in ("CONDA_ENVS_PATH", "CONDA_ENVS_DIRS"):
        folders += [Path(folder, name) for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    active = Path(os.environ.get("CONDA_PREFIX", ""))
    folders += [active] if active.name == name else []
    return next((folder for folder in folders if (folder / RECORDS).is_dir()), None)


def _noted() -> list[str]:
    try:
        text = (Path.home() / ".conda/environments.txt").read_bytes()[: limits.TEXT_BYTES]
    except (OSError, RuntimeError):  # no such file, or no home
        return []
    return [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
