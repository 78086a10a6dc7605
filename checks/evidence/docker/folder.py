"""The Docker evidence of a task folder, and of the engine of whoever sits at this machine."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from checks import limits
from checks.evidence.docker.dockerfile import Dockerfile, parse_dockerfile
from checks.evidence.docker.dockerignore import Dockerignore, parse_dockerignore
from checks.evidence.docker.image import Image, archived_images, described_image, parse_description
from checks.evidence.docker.reference import parse_reference
from checks.evidence.files import Files
from checks.expect import Unavailable

if TYPE_CHECKING:
    from checks.evidence import Place

_ANSWER_SECONDS = 10


def read(place: Place) -> Docker:
    """Docker's files in a task folder and, where the learner sits here, the engine's images."""
    return Docker(place.files, place.folder, place.committed, here=place.here)


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
        """The images of this name that the engine of this machine has, where it is the learner's own; else none.

        Raises Unavailable where it answers with an error.
        """
        return list(engine_images(repository)) if self._here else []

    def archived(self, name: str) -> list[Image]:
        """The images in an archive of the task folder, as `docker save` writes it. Raises Malformed."""
        if not self._files.is_file(self.path(name)):
            return []
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


def engine_images(repository: str) -> Iterator[Image]:
    """The engine's images with a name that ends in `repository`, the newest first; none where no engine answers."""
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        client = docker.DockerClient(base_url=engine_address(), timeout=_ANSWER_SECONDS)
    except (DockerException, RequestException):
        return
    try:
        found = [entry for entry in client.api.images() if named(entry.get("RepoTags") or (), repository)]
        for entry in sorted(found, key=lambda entry: -int(entry.get("Created") or 0))[: limits.IMAGE_ENTRIES]:
            where = f"the engine's image {min(entry['RepoTags'])}"
            api: Any = client.api
            yield described_image(api.inspect_image(entry["Id"]), api.history(entry["Id"]), where)
    except (DockerException, RequestException) as error:
        raise Unavailable(f"the Docker engine of this machine told nothing of its images: {str(error)[:300]}") from None
    finally:
        client.close()


def engine_address() -> str | None:
    """The address at which the command `docker` finds the engine: `DOCKER_HOST`, its context, or the library's default (None)."""
    from docker.context import ContextAPI

    if os.environ.get("DOCKER_HOST"):
        return os.environ["DOCKER_HOST"]
    context = ContextAPI.get_current_context()
    return context.Host if context is not None else None


def named(names: Iterable[str], repository: str) -> bool:
    """Whether one of an image's names ends in this repository, in whatever registry."""
    references = (parse_reference(name) for name in names)
    return any(reference is not None and reference.repository == repository for reference in references)
