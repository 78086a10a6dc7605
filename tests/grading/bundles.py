"""Git bundles that burst, lie or are not whole (A5), each named for what is wrong with it."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.grading.archives import EMPTY, refused
from tests.packs import BLOCK, bundle_of, difference, name_of, number, object_head, pack_of, whole, zeros

COMMIT = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n"
REFERENCE = f"{name_of('commit', COMMIT)} refs/heads/solution/ada"
_A_COMMIT = whole(1, COMMIT)
_NOBODY = "0" * 40
_MIB = 1 << 20


def git_bundle(archive: Path, finished: Path, *revisions: str) -> bytes:
    """What `git bundle` writes."""
    command = ["git", "bundle", "create", "--quiet", str(archive), *revisions]
    subprocess.run(command, cwd=finished, check=True, capture_output=True)
    return archive.read_bytes()


def _cut_short(archive: Path, finished: Path) -> None:
    archive.write_bytes(git_bundle(archive, finished, "HEAD", "--branches", "--tags")[:-3000])


def _bundle(problem: str, says: str, name: str, make: Callable[[], bytes]) -> None:
    """Add a bundle to the corpus that is made of nothing."""
    refused(problem, says, f"{name}.bundle", lambda archive, _: archive.write_bytes(make()))


def _naming(*lines: str, version: int = 2) -> bytes:
    """A bundle of one commit, with these lines before it."""
    return bundle_of(pack_of(_A_COMMIT), *lines, version=version)


def _holding(*objects: bytes, count: int | None = None) -> bytes:
    """A bundle of a branch, with a pack of these objects."""
    return bundle_of(pack_of(*objects, count=count), REFERENCE)


def _copies(base: int, pieces: int, length: int = 0xFFFFFF) -> bytes:
    """A difference that takes the beginning of its base again and again."""
    return number(base) + number(pieces * length) + (b"\xf0" + length.to_bytes(3, "little")) * pieces


def _difference_of_4_gb() -> bytes:
    base = object_head(3, BLOCK) + zlib.compress(bytes(BLOCK))
    return _holding(base, difference(_copies(BLOCK, 256), back=len(base)))


def _on_a_byte(delta: bytes) -> bytes:
    """A difference from an object of one byte."""
    base = whole(3, b"x")
    return _holding(base, difference(delta, back=len(base)))


def _differences_that_wait() -> bytes:
    """Objects of 16 MB that all wait until others were built on them: Git holds few of them at a time."""
    base = object_head(3, BLOCK) + zlib.compress(bytes(BLOCK))
    objects, at, places = [base], len(base), []
    for letter in range(5):
        places.append(at)
        delta = number(BLOCK) + number(BLOCK) + b"\xf0\xff\xff\xff\x01" + bytes([65 + letter])
        objects.append(difference(delta, back=at))
        at += len(objects[-1])
    for letter, place in enumerate(places):
        delta = number(BLOCK) + number(2) + b"\x02" + bytes([97, 97 + letter])
        objects.append(difference(delta, back=at - place))
        at += len(objects[-1])
    return _holding(*objects)


def _in_a_circle() -> bytes:
    one, other = bytes(19) + b"\1", bytes(19) + b"\2"
    delta = number(1) + number(1) + b"\x01x"
    return _holding(difference(delta, base=one), difference(delta, base=other))


def _zeros(size: int) -> bytes:
    return object_head(3, size) + zlib.compress(bytes(size), 1)


_damaged = partial(_bundle, "unreadable-bundle", "damaged or cut off")
_no_reference = partial(_bundle, "unreadable-bundle", "names no reference")
_unreadable = partial(_bundle, "unreadable-bundle")
_bomb = partial(_bundle, "too-large", "unpacks to more")
_too_large = partial(_bundle, "too-large")

refused("unreadable-bundle", "damaged or cut off", "bundle-cut-short.bundle", _cut_short)
refused(
    "incomplete-bundle",
    "git bundle create FILE BRANCH --tags",
    "bundle-of-a-range.bundle",
    lambda archive, finished: git_bundle(archive, finished, "HEAD~1..HEAD", "--branches"),
)
refused(
    "unreadable-bundle",
    "made in a way that is not read here",
    "bundle-without-files.bundle",
    lambda archive, finished: git_bundle(archive, finished, "--filter=blob:none", "--branches"),
)

_unreadable(
    "does not begin as a Git bundle", "text-that-says-bundle", lambda: b"I could not make a bundle, sorry\n" * 100
)
_unreadable("no branch and no tag", "bundle-of-nothing", lambda: bundle_of(pack_of()))
_unreadable("twice where", "bundle-with-two-minds", lambda: _naming(REFERENCE, f"{_NOBODY} refs/heads/solution/ada"))
_unreadable("not read here", "bundle-with-other-hashes", lambda: _naming("@object-format=sha256", REFERENCE, version=3))
_unreadable("twice", "bundle-with-an-object-twice", lambda: _holding(_A_COMMIT, _A_COMMIT))
_no_reference("bundle-without-end-of-head", lambda: b"# v2 git bundle\n" + b"a" * (4 * _MIB))
_no_reference("bundle-with-nul-in-a-name", lambda: _naming(f"{_NOBODY} refs/heads/a\0b"))
_no_reference("bundle-with-a-name-outside", lambda: _naming(f"{_NOBODY} ../../outside/secret"))
_damaged("bundle-without-pack", lambda: bundle_of(bytes(64), REFERENCE))
_damaged("bundle-that-promises-more", lambda: _holding(_A_COMMIT, count=3))
_damaged("bundle-that-holds-more", lambda: _holding(_A_COMMIT, whole(3, b"x"), count=1))
_damaged("bundle-with-a-strange-object", lambda: _holding(whole(5, COMMIT)))
_damaged("bundle-with-3-gb-that-say-10-bytes", lambda: _holding(object_head(3, 10) + zeros(192)))
_damaged("bundle-with-10-bytes-that-say-10-mb", lambda: _holding(object_head(3, 10 * _MIB) + zlib.compress(bytes(10))))
_damaged("bundle-on-itself", lambda: _holding(difference(number(1) + number(1) + b"\x01x", back=0)))
_damaged(
    "bundle-with-another-check-sum",
    lambda: bundle_of(pack_of(_A_COMMIT)[:-20] + struct.pack(">5I", 1, 2, 3, 4, 5), REFERENCE),
)
for _word, _delta in {
    "takes-from-beyond": number(1) + number(9) + b"\x91\x05\x09",
    "says-another-base": number(7) + number(1) + b"\x01x",
    "makes-less": number(1) + number(9) + b"\x01x",
    "is-cut-off": number(1) + number(9) + b"\x09x",
    "has-no-end": b"\xff" * 40,
    "knows-an-unknown-piece": number(1) + number(1) + b"\x00",
}.items():
    _damaged(f"bundle-whose-difference-{_word}", partial(_on_a_byte, _delta))
_too_large(
    "more than 5,000 references",
    "bundle-with-100-000-references",
    lambda: bundle_of(pack_of(), *(f"{_NOBODY} refs/heads/{number}" for number in range(100_000))),
)
_too_large("4,294,967,295 objects", "bundle-that-promises-billions", lambda: _holding(_A_COMMIT, count=(1 << 32) - 1))
_bomb("bundle-with-3-gb-of-zeros", lambda: _holding(object_head(3, 192 * BLOCK) + zeros(192)))
# Each object is small enough, together they are not.
_bomb("bundle-with-many-zeros", lambda: _holding(*(_zeros(BLOCK + more) for more in range(17))))
_bomb("bundle-with-a-difference-of-4-gb", _difference_of_4_gb)
_bundle("incomplete-bundle", "differences from objects that are not in it", "bundle-in-a-circle", _in_a_circle)
_bundle(EMPTY, "", "bundle-of-differences-that-wait", _differences_that_wait)
# Git puts them together in no time.
_bundle(
    EMPTY,
    "",
    "bundle-of-2-million-pieces",
    lambda: _on_a_byte(number(1) + number(2_000_000) + b"\x90\x01" * 2_000_000),
)
