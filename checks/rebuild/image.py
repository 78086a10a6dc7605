"""Build a learner's image again from the commit, and run it: by the Docker engine, limited and watched.

The build gets the committed files of the task folder that `.dockerignore` lets in, and nothing of the working folder.
Every layer is made anew: one from the engine's cache would be what somebody made another day, and of two builds that
share layers none could be cleared away. `RUN pip install` needs a package index, so the containers of a build have a
network, one of their own: they reach the index and no other container. The image then runs without any.

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
from checks.core.workspace import Rebuilt, Remade, Workspace
from checks.expect import Failure, NotJudged, commands
from checks.rebuild.buildable import refuse
from checks.rebuild.builder import Builder
from checks.rebuild.sandbox import Run

if TYPE_CHECKING:
    from checks.rebuild.limits import Limits

_MISSING = re.compile(r"failed: file not found in build context or excluded by \.dockerignore: stat ([^\s:]+):")
_NETWORK = re.compile(
    rb"Temporary failure in name resolution|Temporary failure resolving|Name or service not known"
    rb"|Could not resolve host|NewConnectionError|Failed to establish a new connection|Network is unreachable"
    rb"|No route to host|ConnectTimeoutError|ReadTimeoutError|Connection timed out|ConnectionResetError"
)
"""What pip, apt, curl and conda say where nothing answers."""
_SHELF = (b"Looking in links: ", b"No matching distribution found for ")
"""What pip says where the base image brings a shelf of packages in place of an index, and this one is not on it."""


@contextmanager
def rebuilt(
    work: Workspace,
    *,
    data: Mapping[str, int],
    output: str,
    runs: Sequence[str],
    limits: Limits,
    settle: Callable[[Run, str], None],
) -> Iterator[Rebuilt]:
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
        again = Workspace(work.clone.remade(out), work.folder)
        ended = []
        for number, kept in enumerate(runs, 1):
            run = builder.run(lent, output, out / work.path(kept))
            settle(run, f"run {number} of the image that was built {clone}")
            ended.append(Remade(again, run.last_lines(12), run.exit_code or 0))
        builder.close()
        yield Rebuilt(again, image, tuple(ended))


def _context(work: Workspace, limits: Limits) -> Iterator[tuple[str, bytes, bool]]:
    """What the build gets: committed files, each with its content and whether it can be executed.

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
    told = f"`docker build .` {clone} ended with an error; the last it said:\n{build.last_lines(8)}"
    if _NETWORK.search(build.output) or all(word in build.output for word in _SHELF):
        raise NotJudged(f"a package index was not reached, or this machine's has not what was asked for: {told}")
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
        else "(mend the Dockerfile, and try it in a fresh clone, as step 7 of the README shows)",
    )
