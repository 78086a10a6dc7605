"""What the learner wrote down of an image, and where it is asked for, the image itself."""

from __future__ import annotations

import posixpath

from checks.evidence.docker.folder import ARCHIVES, HISTORY, INSPECTION
from checks.learner.packing.contents import Contents, Group


def add_image(task: str, contents: Contents, *, archive: bool) -> bool:
    """Hand in the engine's description of the image, with `archive` its archive too; whether there is one of both."""
    described = [contents.add(posixpath.join(task, name), Group.DOCKER) for name in (INSPECTION, HISTORY)]
    there = [path for name in ARCHIVES if contents.files.is_file(path := posixpath.join(task, name))]
    for path in there:
        if archive:
            contents.add(path, Group.DOCKER)
        else:
            contents.note(f"left out: {path} is large, and a description of the image does too; --with-image packs it")
    return all(described) or bool(there)
