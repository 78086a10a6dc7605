"""Images in the Docker engine of this machine, through Docker's own client library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checks import limits
from checks.evidence.docker.description import described_image
from checks.evidence.docker.reference import parse_reference
from checks.expect import Unavailable

if TYPE_CHECKING:
    from checks.evidence.docker.image import Image

_SECONDS = 10


def images(repository: str) -> Iterator[Image]:
    """The images with a name that ends in `repository`, the newest first; none where no engine answers.

    Raises Unavailable where it answers with an error.
    """
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        client = docker.DockerClient(base_url=address(), timeout=_SECONDS)
    except (DockerException, RequestException):
        return
    try:
        found = [entry for entry in client.api.images() if _bears(entry, repository)]
        for entry in sorted(found, key=lambda entry: -int(entry.get("Created") or 0))[: limits.IMAGE_ENTRIES]:
            where = f"the engine's image {min(entry['RepoTags'])}"
            api: Any = client.api
            inspected, history = api.inspect_image(entry["Id"]), api.history(entry["Id"])
            yield described_image(inspected, history, where)
    except (DockerException, RequestException) as error:
        raise Unavailable(f"the Docker engine of this machine told nothing of its images: {str(error)[:300]}") from None
    finally:
        client.close()


def _bears(entry: dict[str, Any], repository: str) -> bool:
    names = [parse_reference(name) for name in entry.get("RepoTags") or ()]
    return any(name is not None and name.repository == repository for name in names)


def address() -> str | None:
    """Where the command `docker` finds the engine: `DOCKER_HOST`, its context, or the library's default (None)."""
    import os

    from docker.context import ContextAPI

    if os.environ.get("DOCKER_HOST"):
        return os.environ["DOCKER_HOST"]
    context = ContextAPI.get_current_context()
    return context.Host if context is not None else None
