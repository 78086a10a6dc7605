"""PNG pictures from strangers: decoded to the last row, within limits."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from checks import limits
from checks.evidence.picture import Picture, read_png
from checks.expect import Failure, Malformed


def png(width: int = 20, height: int = 10, mode: str = "RGB", kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, kind)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(header: tuple[int, int, int, int, int], rows: bytes) -> bytes:
    """A PNG of this width, height, depth, colour type and interlacing, whatever sense they make with its rows."""
    *size_and_kind, interlaced = header
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", *size_and_kind, 0, 0, interlaced))]
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def with_chunk(extra: bytes) -> bytes:
    whole = png()
    return whole[:33] + extra + whole[33:]


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]))
def test_any_size_is_read(width: int, height: int, mode: str) -> None:
    assert read_png(png(width, height, mode), "p.png") == Picture(width, height)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (png()[:-12], "end is missing"),
        (png()[:-30], "end is missing"),
        (png().replace(b"IDAT", b"IDAU"), "damaged"),
        (picture((20, 10, 8, 2, 0), bytes(610)), None),
        (picture((20, 10, 8, 2, 0), bytes(609)), "damaged"),
        (picture((20, 10, 8, 2, 0), b"\5" + bytes(609)), "damaged"),
        (picture((20, 10, 8, 2, 0), bytes(549) + b"\5" + bytes(60)), "damaged"),
        (picture((20, 10, 8, 5, 0), bytes(210)), "damaged"),
        (picture((20, 0, 8, 2, 0), b""), "damaged"),
        (png().replace(b"IEND", b"IENE"), "damaged"),
    ],
    ids=itertools.count(),
)
def test_a_picture_that_others_do_not_show_is_damaged(data: bytes, found: str | None) -> None:
    if found is None:
        assert read_png(data, "p.png") == Picture(20, 10)
        return
    with pytest.raises(Malformed, match=found) as caught:
        read_png(data, "p.png")
    assert " at 0x" not in caught.value.found


@pytest.mark.parametrize("place", ["rows", "chunk"])
def test_a_checksum_that_is_wrong_is_damage(place: str) -> None:
    rows = bytearray(zlib.compress(bytes(610)))
    if place == "rows":
        rows[-1] ^= 1
    packed = bytearray(chunk(b"IDAT", bytes(rows)))
    if place == "chunk":
        packed[-1] ^= 1
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20, 10, 8, 2, 0, 0, 0))
    with pytest.raises(Malformed, match="damaged"):
        read_png(b"\x89PNG\r\n\x1a\n" + header + bytes(packed) + chunk(b"IEND", b""), "p.png")


def test_a_file_of_chunks_alone_ends() -> None:
    whole = png()
    with pytest.raises(Failure, match="its end is missing"):
        read_png(whole[:33] + chunk(b"teXt", b"") * limits.PICTURE_CHUNKS + whole[33:], "p.png")


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_other_formats_are_not_read(kind: str) -> None:
    with pytest.raises(Failure, match="another kind of file"):
        read_png(png(kind=kind), "p.png")


@pytest.mark.parametrize("size", [(100_000, 100_000), (6_001, 6_001), (2**31 - 1, 1), (0, 5)])
def test_a_bomb_is_not_unpacked(size: tuple[int, int]) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")
    with pytest.raises(Failure, match=r"p\.png"):
        read_png(bomb, "p.png")


def test_the_largest_that_is_looked_at() -> None:
    side = int(limits.PICTURE_PIXELS**0.5)
    assert read_png(png(side, side, "1"), "p.png") == Picture(side, side)


def test_texts_without_an_end_are_not_unpacked() -> None:
    text = zlib.compress(bytes(1 << 26), 9)
    for extra in (
        chunk(b"zTXt", b"a\0\0" + text),
        chunk(b"iTXt", b"a\0\1\0\0\0" + text),
        chunk(b"iCCP", b"a\0\0" + text),
    ):
        with suppress(Failure):
            assert read_png(with_chunk(extra), "p.png") == Picture(20, 10)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_failure(data: bytes) -> None:
    with pytest.raises(Failure):
        read_png(data, "p.png")


@given(st.integers(0, len(png()) - 1), st.binary(min_size=1, max_size=9), st.integers(0, 40))
def test_a_damaged_picture_is_a_picture_or_a_failure(place: int, bytes_there: bytes, cut: int) -> None:
    whole = png()
    with suppress(Failure):
        read_png(whole[:place] + bytes_there + whole[place + cut :], "p.png")
