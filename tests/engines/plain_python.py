"""A Python of this machine whose files make a stand-in: for the base image of task 3.1, for the conda package of 3.2.

Debian's own does not: it looks for packages in `dist-packages`, and no image and no conda environment has these. In a
virtual environment it looks elsewhere, but its standard library is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SERIES = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""Its name: it is of the series of the one that runs, whose wheels it gets."""
_ASK = """\
import json, os, platform, sys, sysconfig
shared = os.path.join(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("LDLIBRARY") or "")
print(json.dumps({
    "version": platform.python_version(),
    "executable": os.path.realpath(sys.executable),
    "standard_library": list(dict.fromkeys(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))),
    "shared_library": os.path.realpath(shared) if sysconfig.get_config_var("Py_ENABLE_SHARED") else None,
    "plain": sys.prefix == sys.base_prefix and os.path.basename(sysconfig.get_path("purelib")) == "site-packages",
}))
"""


@dataclass(frozen=True, slots=True)
class PlainPython:
    """Where its files are."""

    version: str
    executable: Path
    standard_library: tuple[Path, ...]
    shared_library: Path | None


@cache
def find() -> PlainPython | None:
    """The one that runs, or else the first on PATH; None where this machine has no such Python."""
    places = [Path(folder, SERIES) for folder in os.get_exec_path()]
    for command in (place for place in (Path(sys.base_prefix, "bin", SERIES), *places) if place.is_file()):
        answer = subprocess.run([command, "-I", "-c", _ASK], capture_output=True, text=True, check=False)
        told = json.loads(answer.stdout) if answer.returncode == 0 else {}
        if not told.get("plain") or not told["version"].startswith(f"{SERIES[6:]}."):
            continue
        shared = told["shared_library"]
        return PlainPython(
            told["version"],
            Path(told["executable"]),
            tuple(Path(folder) for folder in told["standard_library"]),
            Path(shared) if shared and Path(shared).is_file() else None,
        )
    return None
