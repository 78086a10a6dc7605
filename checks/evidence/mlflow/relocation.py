"""Where the artifacts are that an address in a store names.

MLflow writes absolute addresses, of the machine and folder in which the run was made. A submission was moved since; so
an address counts by its end: what follows `mlruns`, `mlartifacts` or the task folder. None leads out of the submission.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from checks.evidence.files import Files

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters or more: `C:` is a drive
_ROOTS = ("mlruns", "mlartifacts")
_SERVED = "mlflow-artifacts"
_LOCAL = "file"


def relocated(files: Files, store: str, task: str, address: str) -> str | None:
    """The folder of the submission that an artifact address stands for; None where it is none.

    `store` is the folder that holds the store, `task` the task folder. The first place that exists is taken.
    """
    try:
        places = list(_places(files, store, task, address))
    except ValueError:  # `urlsplit` of `file://[`
        return None
    return next((place for place in places if files.is_folder(place)), places[0] if places else None)


def _places(files: Files, store: str, task: str, address: str) -> Iterator[str]:
    scheme, path = _path(address)
    parts = PurePosixPath(path).parts
    if not path or ".." in parts or "\0" in path or scheme not in ("", _LOCAL, _SERVED):
        return
    bases = list(dict.fromkeys((store, task)))
    if scheme == _SERVED:
        yield from (posixpath.join(base, root, path.lstrip("/")) for base in bases for root in reversed(_ROOTS))
        return
    absolute = path.startswith("/") or re.match(r"[A-Za-z]:/", path)
    if absolute:
        for root in dict.fromkeys((files.root.absolute().as_posix(), files.root.resolve().as_posix())):
            if path.startswith(f"{root}/"):
                yield path.removeprefix(f"{root}/")
    else:
        yield from (posixpath.normpath(posixpath.join(base, path)) for base in bases)
    if task and f"/{task}/" in path:
        yield posixpath.join(task, path.rpartition(f"/{task}/")[2])
    for at in reversed([index for index, part in enumerate(parts) if part in _ROOTS]):
        yield from (posixpath.join(base, *parts[at:]) for base in bases)


def _path(address: str) -> tuple[str, str]:
    """The scheme and the path of an address; a plain path has no scheme, and no escapes."""
    if not _SCHEME.match(address):
        return "", address.replace("\\", "/") if re.match(r"[A-Za-z]:[\\/]", address) else address
    # MLflow leaves `#` and `?` in a folder's name as they are, where it does not escape them.
    parts = urlsplit(address.replace("#", "%23").replace("?", "%3F"))
    path = unquote(parts.path)
    if parts.scheme == _LOCAL and re.match(r"/[A-Za-z]:/", path):
        path = path[1:]
    return parts.scheme, path
