"""What Docker's work left in a task folder, and in the engine of whoever sits at this machine."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from checks import limits
from checks.evidence.docker.description import parse_description
from checks.evidence.docker.dockerfile import Dockerfile, parse_dockerfile
from checks.evidence.docker.dockerignore import Dockerignore, parse_dockerignore
from checks.evidence.docker.reference import parse_reference
from checks.evidence.files import Files

if TYPE_CHECKING:
    from checks.evidence.docker.image import Image


class Docker:
    """The Docker side of a task folder. `committed` reads a file of the branch's last commit by its path."""

    def __init__(self, files: Files, folder: str, committed: Callable[[str], bytes | None], *, here: bool) -> None:
        self._files = files
        self._folder = folder
        self._committed = committed
        self._here = here

    def path(self, name: str) -> str:
        """A file's path in the submission."""
        return posixpath.join(self._folder, name)

    @cached_property
    def dockerfile(self) -> Dockerfile | None:
        """The committed `Dockerfile`, or None."""
        data = self._committed(self.path("Dockerfile"))
        return None if data is None else parse_dockerfile(data, "Dockerfile")

    @cached_property
    def dockerignore(self) -> tuple[str, Dockerignore] | None:
        """The committed ignore file and its name: the one of the Dockerfile goes before the folder's."""
        for name in ("Dockerfile.dockerignore", ".dockerignore"):
            data = self._committed(self.path(name))
            if data is not None:
                return name, parse_dockerignore(data, name)
        return None

    def in_engine(self, repository: str) -> list[Image]:
        """The images of this name that the engine of this machine has, where it is the learner's own; else none."""
        if not self._here:
            return []
        from checks.evidence.docker.engine import images

        return list(images(repository))

    def archived(self, name: str) -> list[Image]:
        """The images in an archive of the task folder, as `docker save` writes it. Raises Malformed."""
        if not self._files.is_file(self.path(name)):
            return []
        from checks.evidence.docker.archive import archived_images

        with self._files.open(self.path(name), limits.IMAGE_ARCHIVE_BYTES) as file:
            return list(archived_images(file, name))

    def described(self, inspection: str, history: str) -> Image | None:
        """The image that two files of the task folder describe; None where one is missing. Raises Malformed.

        They are what `docker image inspect` and `docker history` print.
        """
        inspected, layers = self._read(inspection), self._read(history)
        if inspected is None or layers is None:
            return None
        return parse_description(inspected, layers, (inspection, history))

    def _read(self, name: str) -> bytes | None:
        """A working file, or where there is none (as on a branch) the committed one."""
        path = self.path(name)
        return self._files.read(path) if self._files.is_file(path) else self._committed(path)


def bears(image: Image, repository: str) -> bool:
    """Whether one of the image's names ends in this repository, in whatever registry."""
    names = (parse_reference(name) for name in image.names)
    return any(name is not None and name.repository == repository for name in names)
