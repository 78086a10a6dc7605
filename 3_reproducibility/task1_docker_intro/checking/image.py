"""Which image there is, whether it is the Dockerfile's, and what it is called. Each assertion raises `Failure`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks import Failure, Unavailable, Workspace, expect
from checks.assertions.once import once
from checks.core.workspace import Form
from checks.evidence.docker.dockerfile import Dockerfile
from checks.evidence.docker.folder import named
from checks.evidence.docker.history import difference
from checks.evidence.docker.image import Image
from checks.evidence.docker.reference import parse_reference

from .dockerfile import python_of

INSPECTION, HISTORY = "image.json", "image-history.json"
ARCHIVES = ("image.tar", "image.tar.gz", "image.tgz")
DESCRIBE = (
    f"docker image inspect reproducibility-docker:1.0.0 > {INSPECTION}\n"
    f'docker history --no-trunc --format "{{{{json .}}}}" reproducibility-docker:1.0.0 > {HISTORY}'
)
"""The commands that write the description."""
_COPIED = re.compile(r"#\(nop\) (?:COPY|ADD) (?:file|dir|multi):([0-9a-f]{64}) in ")
REVISION = "org.opencontainers.image.revision"


def images(work: Workspace, repository: str) -> list[Image]:
    """The images of this name: those of the engine where it is the learner's own, of an archive, of the description."""
    try:
        archived = [image for name in ARCHIVES for image in work.docker.archived(name)]
    except Failure as failure:
        archive = next(name for name in ARCHIVES if name in failure.looked_at)
        raise failure.mended_by(f"docker save --output {archive} {repository}:1.0.0") from None
    brought = [*archived, *filter(None, [described(work)])]
    return [*work.docker.in_engine(repository), *(image for image in brought if named(image.names, repository))]


@once
def described(work: Workspace) -> Image | None:
    """The image that the engine described in two files, or None where one of them is missing."""
    try:
        return work.docker.described(INSPECTION, HISTORY)
    except Failure as failure:
        raise failure.mended_by(DESCRIBE) from None


def found(work: Workspace, repository: str, *, build: str) -> Image:
    """The image of this name. `build` is the command that makes it.

    Where the engine has it and a description of it was written, both must be of the same image: others see the
    description.
    """
    there = images(work, repository)
    if not there:
        if work.form is Form.BRANCH:
            raise Unavailable(f"a branch carries no image, and no committed {INSPECTION} with {HISTORY} describes one")
        expect.fail(
            looked_at=f"{INSPECTION} with {HISTORY}, {ARCHIVES[0]}" + (", and the engine" if work.clone.here else ""),
            expected=f"the image {repository}, or the engine's description of it",
            found="none",
            fix=expect.commands(build, DESCRIBE),
        )
    told = described(work)
    others = [image for image in there if image is not told]
    if told is not None and others and all(told.id != image.id for image in others):
        about = expect.Subject(told.where, DESCRIBE)
        expected = f"the description of {there[0].where}: {there[0].id[:19]}..."
        found = f"that of an older one: {told.id[:19]}..."
        about.that(told.created >= max(image.created for image in others), expected, found)
    return there[0]


def built_from(image: Image, dockerfile: Dockerfile, *, build: str) -> None:
    """The image is the work of this Dockerfile: its configuration, its layers and its history say the same."""
    again = expect.commands(build, DESCRIBE)
    name = f"{image.id[:19]}... in {image.where}"
    changed = difference(dockerfile.instructions(), image.history)
    if changed is not None:
        line = changed.instruction
        about = expect.Subject(f"the history of {name}", again)
        instead = (changed.found or "nothing in its place")[:300]
        about.fail(f"line {line.line} of Dockerfile: {line.keyword} {line.text}"[:300], instead)
    for expected, found in _configured_otherwise(image, dockerfile):
        about = expect.Subject(f"the configuration of {name}", again)
        about.fail(f"{expected}, as the Dockerfile says", found)
    python, brought = python_of(dockerfile), image.env.get("PYTHON_VERSION")
    about = expect.Subject(f"PYTHON_VERSION of {name}", again)
    wanted = f"a Python {python}, as the tag of the base image says"
    about.that(python is None or brought is None or f"{brought}.".startswith(f"{python}."), wanted, f"Python {brought}")


def _configured_otherwise(image: Image, dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """Each setting of the Dockerfile that the image has otherwise: as the file says it, and as the image has it."""
    says = dockerfile.described()
    commands = [command.words if command and command.exec_form else None for command in (says.cmd, says.entrypoint)]
    for (what, has), wanted in zip(_configuration(image), (says.user, says.workdir, *commands), strict=True):
        if wanted is not None and wanted != has:
            yield f"{what} {_shown(wanted)}", f"{what} {_shown(has) or '(none)'}"
    for name, value in says.env.items():
        if image.env.get(name) != value:
            yield f"ENV {name}={value}", f"{name}={image.env[name]}" if name in image.env else f"no {name}"
    for name, value in says.labels.items():
        if name not in image.labels:  # the command line may give a label another value
            yield f"LABEL {name}={value}", f"no {name}"


def _configuration(image: Image) -> list[tuple[str, object]]:
    return [("USER", image.user), ("WORKDIR", image.workdir), ("CMD", image.cmd), ("ENTRYPOINT", image.entrypoint)]


def same_configuration(made: Image, described: Image, *, fix: str) -> None:
    """The image made from the commit is set up as the one that was described: a build may have been given more."""
    for (what, one), (_, other) in zip(_configuration(made), _configuration(described), strict=True):
        about = expect.Subject(
            f"the configuration of {described.id[:19]}... in {described.where}, and of {made.where}", fix
        )
        found = f"{what} {_shown(other) or '(none)'} in {described.where}, {_shown(one) or '(none)'} from the commit"
        about.that(one == other, "the same: all that the image needs is in the commit", found)


def copied_otherwise(made: Image, described: Image, dockerfile: Dockerfile) -> str | None:
    """A sentence about the copied file that differs between the described image and the one made from the commit.

    None where the two histories do not tell.

    The classic builder writes down a hash of what it copies. It covers modes too: it explains a difference, and
    proves none.
    """
    copying = [entry for entry in dockerfile.instructions() if entry.keyword in ("COPY", "ADD")]
    mine, theirs = (
        [found[1] for layer in image.history if (found := _COPIED.search(layer.created_by))][-len(copying) :]
        for image in (made, described)
    )
    if not len(copying) == len(mine) == len(theirs):
        return None
    for instruction, one, other in zip(copying, mine, theirs, strict=True):
        if one != other and instruction.flag("from") is None:
            name = instruction.words[0] if len(instruction.words) == 2 else instruction.text
            return (
                f"your image has another {name}: line {instruction.line} of Dockerfile put {other[:12]}... into it, "
                f"and from the commit {one[:12]}..."
            )
    return None


def published_name(image: Image, repository: str, *, fix: str) -> None:
    """A name of the image says where it belongs, with a semantic version."""
    references = [reference for name in image.names if (reference := parse_reference(name)) is not None]
    full = [reference for reference in references if reference.repository == repository and reference.is_pushable]
    fault = "no tag of three numbers" if full else "no registry and no account before the name"
    about = expect.Subject(f"the names of {image.id[:19]}... in {image.where}", fix)
    expected = f"registry and account, name and version, such as ghcr.io/ada/{repository}:1.0.0"
    found = f"{', '.join(image.names)[:300] or 'no name'}: {fault}"
    about.that(any(reference.is_semantic for reference in full), expected, found)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{word}"' for word in value) + "]" if value else ""
    return str(value)
