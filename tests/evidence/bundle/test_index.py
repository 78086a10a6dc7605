"""The index of a pack: held against Git's own, byte by byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence.bundle.errors import BundleError
from checks.evidence.bundle.index import index_of
from tests.packs import difference, name_of, number, pack_of, whole


@pytest.fixture(scope="session")
def pack(repository: Path) -> Path:
    return next((repository / ".git/objects/pack").glob("*.pack"))


def test_git_makes_the_same_index(pack: Path) -> None:
    assert index_of(pack.read_bytes()) == pack.with_suffix(".idx").read_bytes()


@pytest.mark.parametrize("options", [["--delta-base-offset"], [], ["--window=0"], ["--depth=1"]])
def test_however_it_is_packed(options: list[str], repository: Path, git: Callable[..., bytes], tmp_path: Path) -> None:
    packed = git(repository, "pack-objects", "--stdout", "--all", "--quiet", *options, data=b"")
    (tmp_path / "x.pack").write_bytes(packed)
    git(tmp_path, "index-pack", "x.pack")
    assert index_of(packed) == (tmp_path / "x.idx").read_bytes()


def _pieces(base: bytes) -> st.SearchStrategy[list[tuple[int, int] | bytes]]:
    """What a difference may be made of: spans of its base, and bytes of its own."""
    span = st.integers(0, len(base) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(1, len(base) - start))
    )
    return st.lists(st.one_of(span, st.binary(min_size=1, max_size=127)), min_size=1, max_size=12)


def _instruction(piece: tuple[int, int] | bytes) -> bytes:
    if isinstance(piece, bytes):
        return bytes([len(piece)]) + piece
    (start, length), head, values = piece, 0x80, b""
    for bit in range(4):
        if byte := start >> 8 * bit & 0xFF:
            head, values = head | 1 << bit, values + bytes([byte])
    for bit in range(3):
        if byte := length >> 8 * bit & 0xFF:
            head, values = head | 1 << bit + 4, values + bytes([byte])
    return bytes([head]) + values


@given(st.data())
def test_a_difference_makes_what_it_is_made_of(data: st.DataObject) -> None:
    base = data.draw(st.binary(min_size=1, max_size=70_000 if data.draw(st.booleans()) else 300))
    pieces = data.draw(_pieces(base))
    made = b"".join(piece if isinstance(piece, bytes) else base[piece[0] : sum(piece)] for piece in pieces)
    if made == base:
        return
    delta = number(len(base)) + number(len(made)) + b"".join(map(_instruction, pieces))
    first = whole(3, base)
    named = difference(delta, base=bytes.fromhex(name_of("blob", base)))
    for packed in (pack_of(first, difference(delta, back=len(first))), pack_of(first, named), pack_of(named, first)):
        assert bytes.fromhex(name_of("blob", made)) in index_of(packed)


def test_damage_anywhere_is_an_error_of_ours(pack: Path) -> None:
    """Also where the check sum is right again. Seeded, so that it is repeatable."""
    honest, chance = pack.read_bytes()[:-20], random.Random(5)
    refused = 0
    for _ in range(200):
        damaged = bytearray(honest)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
        with pytest.raises(BundleError):
            index_of(bytes(damaged) + bytes(20))
        try:
            index_of(_summed(bytes(damaged)))
        except BundleError:
            refused += 1
    assert refused > 150


def _summed(pack: bytes) -> bytes:
    return pack_of(pack[12:], count=int.from_bytes(pack[8:12], "big"))
