"""Laying the repository of a Git bundle out in a folder of ours, as a bare one.

We read its head, a line for each reference: none of its names becomes a file's. Its pack goes through Git's own
`index-pack`, made for packs of strangers, in an empty repository of ours and within limits of the system's.
Format, versions 2 and 3: https://git-scm.com/docs/gitformat-bundle.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import pygit2

from checks import limits
from checks.expect import NotJudged
from checks.submissions.archive import SubmissionProblem

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

BUNDLE_ENDING = ".bundle"
_SIGNATURES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_REFERENCE = re.compile(rb"(?P<id>[0-9a-f]{40}) (?P<name>HEAD|refs/[^\0\r\n]+)\n\Z")
_MISSING = re.compile(rb"-(?P<id>[0-9a-f]{40})\b")
_SHA_1 = b"@object-format=sha1\n"
_COUNT = slice(8, 12)
"""The bytes of a pack that hold the number of its objects."""
_INDEX_PACK = ("git", "-c", "core.bigFileThreshold=1m", "index-pack", "--stdin", "--threads=1")


def lay_out_bundle(bundle: BinaryIO, name: str, into: Path, shallow: Iterable[str] = ()) -> None:
    """Write the objects and references of a bundle into the new folder `into`.

    `name` is what the file is called, `shallow` the commits at which the history was cut. Raises SubmissionProblem
    where it can't be read, builds on commits that are not in it, or holds more than honest work needs.
    """
    try:
        references = _read_head(bundle)
        pack = bundle.read(limits.BUNDLE_BYTES + 1)
        if len(pack) > limits.BUNDLE_BYTES:
            raise _TooLarge(f"it has more than {limits.BUNDLE_BYTES:,} bytes")
        if (count := int.from_bytes(pack[_COUNT], "big")) > limits.PACK_OBJECTS:
            raise _TooLarge(f"its pack holds {count:,} objects, more than {limits.PACK_OBJECTS:,}")
        (into / "objects/pack").mkdir(parents=True)
        (into / "refs").mkdir()
        packed = "".join(f"{target} {name}\n" for name, target in sorted(references.items()) if name != "HEAD")
        cut = "".join(f"{commit}\n" for commit in shallow)
        for file, text in (("HEAD", f"{_head(references)}\n"), ("packed-refs", packed), ("shallow", cut)):
            (into / file).write_text(text, encoding="utf-8", newline="\n")
        _unpack(pack, into)
    except _Unreadable as error:
        raise SubmissionProblem(error.kind, f"{name} is a Git bundle that can't be read: {error}") from None


class _Unreadable(Exception):  # noqa: N818 - each becomes a SubmissionProblem
    kind = "unreadable-bundle"


class _Incomplete(_Unreadable):
    kind = "incomplete-bundle"


class _TooLarge(_Unreadable):
    kind = "too-large"


def _read_head(file: BinaryIO) -> dict[str, str]:
    """Each reference's full name and the id of what it names; HEAD may be among them. `file` is at its pack then."""
    signature = file.readline(len(_SIGNATURES[0]))
    if signature not in _SIGNATURES:
        raise _Unreadable("it does not begin as a Git bundle does")
    left = limits.BUNDLE_HEADER_BYTES
    references: dict[str, str] = {}
    while (line := file.readline(limits.BUNDLE_LINE_BYTES)) != b"\n":
        left -= len(line)
        if left < 0 or len(references) > limits.TAGS:
            raise _TooLarge(f"its head has more than {limits.TAGS:,} references, or no end")
        if missing := _MISSING.match(line):
            raise _Incomplete(
                f"it builds on commit {missing['id'].decode()}, which is not in it: "
                "make it anew with `git bundle create FILE BRANCH --tags`, without a range"
            )
        if line.startswith(b"@") and signature == _SIGNATURES[1]:
            if line != _SHA_1:
                raise _Unreadable(f"it was made in a way that is not read here: {line[:120]!r}")
            continue
        match = _REFERENCE.match(line)
        if match is None:
            raise _Unreadable(f"its head holds {line[:120]!r}, which names no reference")
        name, target = match["name"].decode("utf-8", "replace"), match["id"].decode()
        if references.setdefault(name, target) != target:
            raise _Unreadable(f"it says twice where {name[:120]!r} is")
    if not references:
        raise _Unreadable("it holds no branch and no tag")
    return references


def _head(references: dict[str, str]) -> str:
    """The content of `HEAD` in a clone of the bundle: a branch where one is at that commit, or else the commit.

    Where branches share the commit, a learner's goes before the others. A bundle may name no HEAD: then it is a branch
    of it.
    """
    branches = [name for name in sorted(references) if name.startswith("refs/heads/")]
    commit = references.get("HEAD")
    there = [name for name in branches if commit in (None, references[name])]
    if there:
        return f"ref: {min(there, key=lambda name: not name.startswith('refs/heads/solution/'))}"
    return commit or "ref: refs/heads/main"


def _unpack(pack: bytes, repository: Path) -> None:
    """Write a pack with its index into a repository of ours."""
    settings = {"GIT_DIR": str(repository), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    system = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    try:
        git = subprocess.Popen(
            _INDEX_PACK,
            env=settings | system,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError:
        raise NotJudged("a Git bundle is read by Git, which is not installed here") from None
    with git:
        if hasattr(resource, "prlimit"):  # Linux; elsewhere the size of the pack is the limit
            seconds = int(limits.SUBMISSION_SECONDS)
            resource.prlimit(git.pid, resource.RLIMIT_CPU, (seconds, seconds))
            resource.prlimit(git.pid, resource.RLIMIT_AS, (limits.SUBMISSION_BYTES, limits.SUBMISSION_BYTES))
        said = git.communicate(pack)[1].decode("utf-8", "replace").strip()
    if git.returncode < 0 or "out of memory" in said.lower():
        raise _TooLarge("its pack unpacks to more than honest work needs")
    if "unresolved delta" in said:
        raise _Incomplete("its pack holds differences from objects that are not in it")
    if git.returncode:
        raise _Unreadable(
            f"its pack is damaged or cut off: {said.rpartition(chr(10))[2].removeprefix('fatal: ')[:200]}"
        )
    _need_little(repository)


def _need_little(repository: Path) -> None:
    """Refuse a pack whose objects take much memory together, or one of which is there twice."""
    objects = pygit2.Odb(str(repository / "objects"))
    names = list(objects)
    if len(set(names)) < len(names):
        raise _Unreadable("its pack holds an object twice")
    if sum(objects.read_header(name)[1] for name in names) > limits.PACK_BYTES:
        raise _TooLarge("its pack unpacks to more than honest work needs")
