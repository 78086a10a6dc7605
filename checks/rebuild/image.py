"""Build a learner's image again from the commit, and run it: by the Docker engine, limited and watched.

The build gets the committed files of the task folder that `.dockerignore` lets in, and nothing of the working folder.
Every layer is made anew: one from the engine's cache would be what somebody made another day, and of two builds that
share layers none could be cleared away. `RUN pip install` needs a package index, so the containers of a build have a
network, one of their own: they reach the index and no other container. The image then runs without any.

Not everything is built. `RUN` lines run in containers of their own, limited and watched. But it is the engine that
downloads for `ADD` and unpacks what `ADD` copies, without a limit; volumes are counted nowhere; what `ONBUILD` hides we
would have to look for in other images; and base images come from wherever the Dockerfile says. The classic builder knows
no here-documents and no options such as `--mount`: what needs BuildKit can't be judged with it. `# syntax=` is a comment
to it.

Everything here has a name that begins with `mlsd-rebuild-`, and is removed when it was read.
"""

from __future__ import annotations

import io
import posixpath
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checks import limits as readable
from checks.core.data import months
from checks.core.workspace import Rebuilt, RebuiltImage, Workspace
from checks.expect import Failure, NotJudged, Unavailable, commands
from checks.rebuild.builder import Builder
from checks.rebuild.limits import IMAGE_LINES
from checks.rebuild.sandbox import Run

if TYPE_CHECKING:
    from checks.evidence.docker.dockerfile import Dockerfile
    from checks.evidence.docker.lines import Instruction
    from checks.rebuild.limits import Limits

_OPTIONS: Mapping[str, frozenset[str]] = {
    "ADD": frozenset({"chown"}),
    "COPY": frozenset({"chown", "from"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "retries"}),
}
"""The options that the classic builder knows."""
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""How archives begin that `ADD` unpacks; a tar tells at byte 257."""
_MISSING = re.compile(r"failed: file not found in build context or excluded by \.dockerignore: stat ([^\s:]+):")
_NETWORK = re.compile(
    rb"Temporary failure in name resolution|Temporary failure resolving|Name or service not known"
    rb"|Could not resolve host|NewConnectionError|Failed to establish a new connection|Network is unreachable"
    rb"|No route to host|ConnectTimeoutError|ReadTimeoutError|Connection timed out|ConnectionResetError"
)
"""Phrases of pip, apt, curl and conda where nothing answers."""
_OFFLINE = (b"Looking in links: ", b"No matching distribution found for ")
"""Phrases of pip where the base image brings a folder of packages in place of an index, and this one is not in it."""


@contextmanager
def rebuilt(
    work: Workspace,
    *,
    data: Mapping[str, int],
    output: str,
    runs: Sequence[str],
    limits: Limits,
    settle: Callable[[Run, str], None],
) -> Iterator[RebuiltImage]:
    """See `checks.core.workspace.Rebuild.image`. `settle` lets pass what ended by itself, and raises otherwise."""
    commit = work.snapshot.commit
    clone = f"in a fresh clone of commit {commit.short}"
    dockerfile = work.docker.dockerfile
    if dockerfile is None:
        raise Failure(
            f"the files of commit {commit.short}", "a Dockerfile", "no such file", "git add Dockerfile\ngit commit"
        )
    context = list(_context(work, limits))
    refuse(dockerfile, {name: content for name, content, _ in context})
    with ExitStack() as made, Builder(limits) as builder:
        builder.need(dockerfile)
        build = builder.build(_packed(context, commit.time))
        if build.ended == "results":
            raise Failure(
                looked_at=f"`docker build .` {clone}",
                expected=f"an image that adds at most {limits.image_bytes >> 20:,} MiB to its base",
                found=f"more; the last it said:\n{build.last_lines(6)}",
                fix="(install what your script needs, and copy no more than it reads)",
            )
        if build.ended == "timeout":  # it had a network, and nobody can tell what it waited for
            raise NotJudged(f"`docker build .` {clone} took more than {limits.wall_seconds:.0f} seconds")
        settle(build, f"`docker build .` {clone}")
        if build.exit_code:
            raise _not_built(work, build, clone)
        image = builder.image(f"the image that was built {clone}")
        lent = _packed(((name, months(work.learner.id, last), False) for name, last in data.items()), commit.time)
        out = Path(made.enter_context(TemporaryDirectory(prefix="mlsd-image-", ignore_cleanup_errors=True)))
        again = Workspace(work.clone.rebuilt(out), work.folder)
        ended = []
        for number, kept in enumerate(runs, 1):
            run = builder.run(lent, output, out / work.path(kept))
            settle(run, f"run {number} of the image that was built {clone}")
            ended.append(Rebuilt(again, run.last_lines(12), run.exit_code or 0))
        builder.close()
        yield RebuiltImage(again, image, tuple(ended))


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


def _context(work: Workspace, limits: Limits) -> Iterator[tuple[str, bytes, bool]]:
    """The files that the build gets: committed ones, each with its content and whether it can be executed.

    The engine leaves choosing to its client, so it is our reader that obeys the ignore file.
    """
    ignore = work.docker.dockerignore
    left = limits.disk_bytes
    for path in work.snapshot.paths(work.folder):
        name = work.shown(path)
        if name == "Dockerfile" or ignore is None or not ignore[1].keeps_out(name):
            content = work.snapshot.read(path, readable.EXPORTED_BYTES) or b""
            left -= len(content)
            if left < 0:
                raise Failure(
                    looked_at=f"the files that a build of commit {work.snapshot.commit.short} gets",
                    expected=f"at most {limits.disk_bytes >> 20:,} MiB",
                    found="more",
                    fix="keep data and environments out of Git: .gitignore",
                )
            yield name, content, work.snapshot.is_executable(path)


def _packed(files: Iterable[tuple[str, bytes, bool]], time: int) -> bytes:
    """A tar of files that are root's, and of this time."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content, executable in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(content), time, 0o755 if executable else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _not_built(work: Workspace, build: Run, clone: str) -> Failure:
    """Why there is no image. Raises NotJudged where the network, and not the work, seems to be the reason.

    That is read from what the failing line printed, which the work chose: whoever fakes it gains no point, and an
    outcome that an instructor looks into.
    """
    said = f"`docker build .` {clone} ended with an error; the last it said:\n{build.last_lines(8)}"
    if _NETWORK.search(build.output) or all(word in build.output for word in _OFFLINE):
        raise NotJudged(f"a package index was not reached, or this machine's has not what was asked for: {said}")
    missing = _MISSING.search(build.last_lines(3))
    name = posixpath.normpath(missing[1].lstrip("/"))[:200] if missing else ""
    there = bool(name) and work.files.kind(work.path(name)) != "missing"
    kept_out = bool(name) and work.snapshot.id(work.path(name)) is not None
    return Failure(
        looked_at=f"`docker build .` {clone}",
        expected="an image",
        found=f"no image: the Dockerfile copies {name}, which .dockerignore keeps out"
        if kept_out
        else f"no image: the Dockerfile copies {name}, which is in no commit"
        if missing
        else f"none; the last it said:\n{build.last_lines(8)}",
        fix=commands(f"echo '!{name}' >> .dockerignore", "git add .dockerignore", 'git commit -m "Let it in"')
        if kept_out
        else commands(
            None if there else f"(make {name} again, or take it out of the Dockerfile)",
            f"git add {name}",
            'git commit -m "Commit what the image is made of"',
        )
        if missing
        else "(mend the Dockerfile, and try it in a fresh clone)",
    )
