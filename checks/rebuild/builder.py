"""The Docker engine's classic builder and its containers, for one image that is built, run and removed.

The engine limits memory and the processes of a container that runs; `checks.rebuild.docker_run` counts the rest. What a
build takes is ended by killing the containers of its network: the line that they work for fails, and so the build.
"""

from __future__ import annotations

import json
import posixpath
import re
import time
import uuid
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from docker.errors import APIError, NotFound

from checks.evidence.docker.image import described_image
from checks.evidence.docker.reference import DOCKER_HUB, parse_reference
from checks.expect import Unavailable
from checks.rebuild.docker_run import (
    ANSWER_SECONDS,
    LABEL,
    TROUBLE,
    Watch,
    ask,
    confined,
    connected,
    copy_out,
    run_container,
)
from checks.rebuild.sandbox import Run, SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from checks.evidence.docker.dockerfile import Dockerfile
    from checks.evidence.docker.image import Image
    from checks.rebuild.limits import Limits

_CLEARING_SECONDS = 30.0
"""How long we wait for the engine to let go of what is to be removed."""
_LAYER = re.compile(r" ---> ([0-9a-f]{12})\n\Z")
_BUILT_ON = "has dependent child images"


def bases(dockerfile: Dockerfile) -> Iterator[str]:
    """The images of others that a build begins with or copies from, those of unused stages too."""
    for stage in dockerfile.stages:
        if stage.parent is None and stage.base != "scratch":
            yield stage.base
        for instruction in stage.instructions:
            source = instruction.flag("from")
            if source is not None and dockerfile.stage(source) is None:
                yield source


def official(name: str) -> bool:
    """Whether an image is one of Docker Hub's own, such as `python:3.11-slim-bookworm`."""
    reference = parse_reference(name)
    return (
        reference is not None
        and reference.registry == DOCKER_HUB
        and "/" not in reference.path.removeprefix("library/")
    )


class Builder:
    """One image, from its build to the removal of all that it left. A context that may be closed early.

    Raises Unavailable where no engine answers. Trouble with the engine is SandboxError: never a verdict on the work.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._name = f"mlsd-rebuild-{uuid.uuid4().hex}"
        self._made = ExitStack()
        try:
            self._engine = self._made.enter_context(connected())
        except TROUBLE as error:
            raise Unavailable(f"no Docker engine answers that builds the image: {str(error)[:200]}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if isinstance(error, TROUBLE):
            raise SandboxError(f"the Docker engine: {getattr(error, 'explanation', None) or error}"[:500]) from error

    def close(self) -> None:
        """Remove image, layers, containers and network."""
        self._made.close()

    def need(self, dockerfile: Dockerfile) -> None:
        """Have every image that the build begins with. An official image of Docker Hub is fetched, nobody else's.

        Raises Unavailable where one can't be had, or does something by itself when it is built on.
        """
        for name in dict.fromkeys(bases(dockerfile)):
            try:
                found = self._engine.inspect_image(name)
            except NotFound:
                found = self._fetched(name)
            except APIError as error:
                raise Unavailable(f"the engine knows no image {name[:100]}: {error.explanation}"[:400]) from None
            config = found.get("Config") or {}
            for what in ("OnBuild", "Volumes"):
                if config.get(what):
                    raise Unavailable(f"the base image {name} has {what}: it is not built on here")

    def build(self, context: bytes) -> Run:
        """Build the image from a tar of its context. The exit code is 1 where the engine says that it failed."""
        limits = replace(self._limits, disk_bytes=self._limits.image_bytes)
        network = self._engine.create_network(self._name, driver="bridge", check_duplicate=True)["Id"]
        self._made.callback(self._again, partial(self._engine.remove_network, network))
        before = set(self._engine.images(all=True, quiet=True))
        layers: list[str] = []
        self._made.callback(self._remove_layers, layers, before)
        output, error, added = bytearray(), "", 0
        stream = ask(
            self._engine, "POST", "build", context, {"Content-Type": "application/tar"}, t=self._name, nocache=True,
            seconds=ANSWER_SECONDS + limits.wall_seconds, rm=True, forcerm=True, networkmode=self._name, memory=limits.tree_bytes, memswap=limits.tree_bytes,
        )  # fmt: skip
        with closing(stream), Watch({"network": self._name}, limits) as watch:
            stream.raise_for_status()
            for line in stream.iter_lines():
                event = json.loads(line)
                text = event.get("stream") or event.get("error") or ""
                error = event.get("error") or error
                output += text.encode()[: limits.output_bytes - len(output)]
                if found := _LAYER.match(text):
                    layers.append(found[1])
                    added += self._added_by(found[1])
                if added > limits.disk_bytes:
                    watch.end("results")
                if len(output) >= limits.output_bytes:
                    watch.end("output")
                if found and watch.ended != "exited":
                    # Between two lines no container can be killed. Without its reader the engine gives up the build,
                    # but not before the line that it has begun is done.
                    stream.close()
                    layers += self._late_child(found[1])
                    break
            seconds = watch.seconds
        return watch.run(("docker", "build", "."), 1 if error else 0, bytes(output), seconds)

    def image(self, where: str) -> Image:
        """The image as the engine describes it. `where` is its name in messages."""
        history: Any = self._engine.history(self._name)
        return described_image(self._engine.inspect_image(self._name), history, where)

    def run(self, lent: bytes, output: str, into: Path) -> Run:
        """Run the image once in a container of its own, without a network.

        `lent` is a tar of files for its working directory. What is then in the folder `output` there, plain files and
        folders, comes to `into`.
        """
        limits = self._limits
        container = self._engine.create_container(
            self._name,
            host_config=confined(self._engine, limits),
            healthcheck={"test": ["NONE"]},
            labels={LABEL: str(int(time.time() + limits.wall_seconds) + ANSWER_SECONDS)},
            name=f"{self._name}-{uuid.uuid4().hex[:8]}",
        )["Id"]
        self._made.callback(self._again, partial(self._engine.remove_container, container, force=True, v=True))
        config = self._engine.inspect_container(container)["Config"]
        place = config["WorkingDir"] or "/"
        command = (*(config["Entrypoint"] or ()), *(config["Cmd"] or ()))
        self._engine.put_archive(container, place, lent)
        run = run_container(self._engine, container, command, limits)
        into.mkdir(parents=True)
        if run.ended == "exited" and not copy_out(self._engine, container, posixpath.join(place, output), into, limits):
            return replace(run, exit_code=None, ended="results")
        return run

    def _fetched(self, name: str) -> dict[str, Any]:
        if not official(name):
            raise Unavailable(f"the base image {name[:100]} is not on this machine, and only official ones are fetched")
        try:
            with connected(int(self._limits.wall_seconds)) as client:
                client.pull(name)
            found: dict[str, Any] = self._engine.inspect_image(name)
        except TROUBLE as error:
            reason = getattr(error, "explanation", None) or error
            raise Unavailable(
                f"the base image {name[:100]} is not on this machine, and no registry gave it: {reason}"[:400]
            ) from None
        return found

    def _added_by(self, layer: str) -> int:
        """The bytes that a layer adds to the one below."""
        try:
            found = self._engine.inspect_image(layer)
            below = self._engine.inspect_image(found["Parent"])["Size"] if found.get("Parent") else 0
        except NotFound:  # the text was printed by the work
            return 0
        return max(0, int(found["Size"]) - int(below)) if found.get("Parent") else 0

    def _late_child(self, layer: str) -> list[str]:
        """The layer that is still put on top of another, as soon as it is there; none where there comes none."""
        until = time.monotonic() + _CLEARING_SECONDS
        while time.monotonic() < until:
            for image in self._engine.images(all=True):
                if str(image.get("ParentId")).startswith(f"sha256:{layer}"):
                    return [image["Id"]]
            time.sleep(0.5)
        return []

    def _remove_layers(self, layers: list[str], before: set[str]) -> None:
        """Remove the image by its name, and what a failed build or another stage left.

        The ids were read from an output in which the work can name any image: one that was there before us stays.
        """
        self._again(partial(self._engine.remove_image, self._name))
        for layer in reversed(layers):
            try:
                found = self._engine.inspect_image(layer)
            except NotFound:
                continue
            if found["Id"] not in before and not found.get("RepoTags"):
                self._again(partial(self._engine.remove_image, found["Id"]))

    def _again(self, remove: Callable[[], object]) -> None:
        """Remove something, as soon as the engine lets go of it."""
        until = time.monotonic() + _CLEARING_SECONDS
        while True:
            try:
                remove()
            except NotFound:
                return
            except APIError as error:
                # Somebody else's build found a layer of ours in the engine's cache: it is theirs now.
                if _BUILT_ON in str(error.explanation):
                    return
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return
