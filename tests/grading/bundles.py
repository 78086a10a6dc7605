"""Git bundles that burst, lie or are not whole (A5), each named for what is wrong with it."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.grading.archives import EMPTY, packed
from tests.packs import BLOCK, bundle_of, difference, name_of, number, object_head, pack_of, whole, zeros

COMMIT = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n"
REFERENCE = f"{name_of('commit', COMMIT)} refs/heads/solution/ada"
_MIB = 1 << 20


def _bad(problem: str, says: str, make: Callable[[], bytes]) -> None:
    def build(archive: Path, finished: Path) -> None:
        archive.write_bytes(make())

    build.__name__ = make.__name__
    packed(".bundle", problem, says)(build)


def bundle(problem: str, says: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add a bundle to the corpus that is made of nothing."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        _bad(problem, says, make)
        return make

    return add


def git_bundle(archive: Path, finished: Path, *revisions: str) -> bytes:
    """What `git bundle` writes."""
    command = ["git", "bundle", "create", "--quiet", str(archive), *revisions]
    subprocess.run(command, cwd=finished, check=True, capture_output=True)
    return archive.read_bytes()


@packed(".bundle", "unreadable-bundle", "damaged or cut off")
def bundle_cut_short(archive: Path, finished: Path) -> None:
    archive.write_bytes(git_bundle(archive, finished, "HEAD", "--branches", "--tags")[:-3000])


@packed(".bundle", "incomplete-bundle", "git bundle create FILE BRANCH --tags")
def bundle_of_a_range(archive: Path, finished: Path) -> None:
    git_bundle(archive, finished, "HEAD~1..HEAD", "--branches")


@packed(".bundle", "unreadable-bundle", "made in a way that is not read here")
def bundle_without_files(archive: Path, finished: Path) -> None:
    git_bundle(archive, finished, "--filter=blob:none", "--branches")


@bundle("unreadable-bundle", "does not begin as a Git bundle")
def text_that_says_bundle() -> bytes:
    return b"I could not make a bundle, sorry\n" * 100


@bundle("unreadable-bundle", "no branch and no tag")
def bundle_of_nothing() -> bytes:
    return bundle_of(pack_of())


@bundle("unreadable-bundle", "names no reference")
def bundle_without_end_of_head() -> bytes:
    return b"# v2 git bundle\n" + b"a" * (4 * _MIB)


@bundle("too-large", "more than 5,000 references")
def bundle_with_100_000_references() -> bytes:
    return bundle_of(pack_of(), *(f"{'0' * 40} refs/heads/{number}" for number in range(100_000)))


@bundle("unreadable-bundle", "names no reference")
def bundle_with_nul_in_a_name() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT)), f"{'0' * 40} refs/heads/a\0b")


@bundle("unreadable-bundle", "names no reference")
def bundle_with_a_name_outside() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT)), f"{'0' * 40} ../../outside/secret")


@bundle("unreadable-bundle", "twice where")
def bundle_with_two_minds() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT)), REFERENCE, f"{'0' * 40} refs/heads/solution/ada")


@bundle("unreadable-bundle", "not read here")
def bundle_with_other_hashes() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT)), "@object-format=sha256", REFERENCE, version=3)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_without_pack() -> bytes:
    return bundle_of(bytes(64), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_that_promises_more() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT), count=3), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_that_holds_more() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT), whole(3, b"x"), count=1), REFERENCE)


@bundle("too-large", "4,294,967,295 objects")
def bundle_that_promises_billions() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT), count=(1 << 32) - 1), REFERENCE)


@bundle("unreadable-bundle", "twice")
def bundle_with_an_object_twice() -> bytes:
    return bundle_of(pack_of(whole(1, COMMIT), whole(1, COMMIT)), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_with_a_strange_object() -> bytes:
    return bundle_of(pack_of(whole(5, COMMIT)), REFERENCE)


@bundle("too-large", "unpacks to more")
def bundle_with_3_gb_of_zeros() -> bytes:
    return bundle_of(pack_of(object_head(3, 192 * BLOCK) + zeros(192)), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_with_3_gb_that_say_10_bytes() -> bytes:
    return bundle_of(pack_of(object_head(3, 10) + zeros(192)), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_with_10_bytes_that_say_10_mb() -> bytes:
    return bundle_of(pack_of(object_head(3, 10 * _MIB) + zlib.compress(bytes(10))), REFERENCE)


@bundle("too-large", "unpacks to more")
def bundle_with_many_zeros() -> bytes:
    """Each object is small enough, together they are not."""
    objects = [object_head(3, BLOCK + more) + zlib.compress(bytes(BLOCK + more), 1) for more in range(17)]
    return bundle_of(pack_of(*objects), REFERENCE)


def _copies(base: int, pieces: int, length: int = 0xFFFFFF) -> bytes:
    """A difference that takes the beginning of its base again and again."""
    return number(base) + number(pieces * length) + (b"\xf0" + length.to_bytes(3, "little")) * pieces


@bundle("too-large", "unpacks to more")
def bundle_with_a_difference_of_4_gb() -> bytes:
    base = object_head(3, BLOCK) + zlib.compress(bytes(BLOCK))
    return bundle_of(pack_of(base, difference(_copies(BLOCK, 256), back=len(base))), REFERENCE)


@bundle(EMPTY, "")
def bundle_of_2_million_pieces() -> bytes:
    """Git puts them together in no time."""
    base = whole(3, b"x")
    delta = number(1) + number(2_000_000) + b"\x90\x01" * 2_000_000
    return bundle_of(pack_of(base, difference(delta, back=len(base))), REFERENCE)


@bundle(EMPTY, "")
def bundle_of_differences_that_wait() -> bytes:
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
    return bundle_of(pack_of(*objects), REFERENCE)


@bundle("incomplete-bundle", "differences from objects that are not in it")
def bundle_in_a_circle() -> bytes:
    one, other = bytes(19) + b"\1", bytes(19) + b"\2"
    delta = number(1) + number(1) + b"\x01x"
    return bundle_of(pack_of(difference(delta, base=one), difference(delta, base=other)), REFERENCE)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_on_itself() -> bytes:
    return bundle_of(pack_of(difference(number(1) + number(1) + b"\x01x", back=0)), REFERENCE)


for _word, _delta in {
    "takes_from_beyond": number(1) + number(9) + b"\x91\x05\x09",
    "says_another_base": number(7) + number(1) + b"\x01x",
    "makes_less": number(1) + number(9) + b"\x01x",
    "is_cut_off": number(1) + number(9) + b"\x09x",
    "has_no_end": b"\xff" * 40,
    "knows_an_unknown_piece": number(1) + number(1) + b"\x00",
}.items():

    def _difference(delta: bytes = _delta) -> bytes:
        base = whole(3, b"x")
        return bundle_of(pack_of(base, difference(delta, back=len(base))), REFERENCE)

    _difference.__name__ = f"bundle_whose_difference_{_word}"
    _bad("unreadable-bundle", "damaged or cut off", _difference)


@bundle("unreadable-bundle", "damaged or cut off")
def bundle_with_another_check_sum() -> bytes:
    pack = pack_of(whole(1, COMMIT))
    return bundle_of(pack[:-20] + struct.pack(">5I", 1, 2, 3, 4, 5), REFERENCE)
