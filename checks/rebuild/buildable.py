"""What of a stranger's Dockerfile is not built: what the engine itself, and no limited container, would have to do.

`RUN` lines run in containers of their own, limited and watched. But it is the engine that downloads for `ADD` and
unpacks what `ADD` copies, without a limit; volumes are counted nowhere; what `ONBUILD` hides we would have to look for
in other images; and base images come from wherever the Dockerfile says. The classic builder knows no here-documents
and no options such as `--mount`: what needs BuildKit can't be judged with it. `# syntax=` is a comment to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from checks.evidence.docker.reference import DOCKER_HUB, parse_reference
from checks.expect import Failure, Unavailable
from checks.rebuild.limits import IMAGE_LINES

if TYPE_CHECKING:
    from checks.evidence.docker.dockerfile import Dockerfile
    from checks.evidence.docker.lines import Instruction

_OPTIONS: Mapping[str, frozenset[str]] = {
    "ADD": frozenset({"chown"}),
    "COPY": frozenset({"chown", "from"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "retries"}),
}
"""The options that the classic builder knows."""
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""How archives begin that `ADD` unpacks; a tar tells at byte 257."""


def refuse(dockerfile: Dockerfile, context: Mapping[str, bytes]) -> None:
    """Raise Failure where the Dockerfile depends on the network of the day, Unavailable where it can't be built here.

    `context` are the files that the build gets.
    """
    instructions = [instruction for stage in dockerfile.stages for instruction in stage.instructions]
    if len(instructions) > IMAGE_LINES:
        raise Unavailable(f"a Dockerfile of more than {IMAGE_LINES} instructions is not built here")
    for instruction in instructions:
        where = f"line {instruction.line} of Dockerfile"
        if instruction.keyword in ("ONBUILD", "VOLUME"):
            raise Unavailable(f"{where}: an image with {instruction.keyword} is not built here")
        unknown = [name for name, _ in instruction.flags if name not in _OPTIONS.get(instruction.keyword, ())]
        if unknown:
            raise Unavailable(f"{where}: --{unknown[0][:40]} needs BuildKit, and a rebuild uses the classic builder")
        if instruction.heredoc:
            raise Unavailable(f"{where}: a here-document needs BuildKit, and a rebuild uses the classic builder")
        if instruction.keyword == "ADD":
            _refuse_add(instruction, where, context)


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


def _refuse_add(instruction: Instruction, where: str, context: Mapping[str, bytes]) -> None:
    for source in instruction.words[:-1]:
        if "://" in source or source.startswith("git@"):
            raise Failure(
                looked_at=where,
                expected="an image that is made of the commit: files that are in it, and packages with versions",
                found=f"ADD {source[:200]}: whatever is at that address on the day of the build",
                fix=f"(download the file once, commit it, and write COPY in {where})",
            )
        if "$" in source:
            raise Unavailable(f"{where}: what ADD {source[:80]} fetches can't be told: COPY is built")
    for name, content in context.items():
        if content.startswith(_PACKED) or content[257:262] == b"ustar":
            raise Unavailable(f"{where}: ADD unpacks archives, such as {name}, without a limit: COPY is built")
