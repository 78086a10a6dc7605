"""What conda and pip wrote down of the environments in a task folder: records, and never the packages themselves."""

from __future__ import annotations

import re

from checks.evidence.conda.prefix import RECORDS, find_prefixes
from checks.learner.packing.contents import Contents, Group

_PYTHON = re.compile(r"python3\.\d{1,3}")


def add_environments(task: str, contents: Contents) -> bool:
    """Hand in the records of each environment; whether there is one."""
    prefixes = find_prefixes(contents.files, task)
    for prefix in prefixes:
        contents.add_folder(f"{prefix}/{RECORDS}", Group.CONDA)
        for site in _sites(prefix, contents):
            for name in contents.files.names(site):
                if name.endswith(".dist-info"):
                    contents.add(f"{site}/{name}/METADATA", Group.CONDA)
    return bool(prefixes)


def _sites(prefix: str, contents: Contents) -> list[str]:
    """The folders in which pip installs; on Windows, there is one."""
    series = [name for name in contents.files.names(f"{prefix}/lib") if _PYTHON.fullmatch(name)]
    return [f"{prefix}/lib/{name}/site-packages" for name in series] + [f"{prefix}/Lib/site-packages"]
