"""PNG pictures from strangers: decoded to the last pixel, within limits."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from checks import limits
from checks.evidence.picture import Picture, decode_png
from checks.expect import Failure


def png(width: int = 20, height: int = 10, mode: str = "RGB", kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, kind)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(extra: bytes) -> bytes:
    whole = png()
    return whole[:33] + extra + whole[33:]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_decodes(mode: str) -> None:
    assert decode_png(png(mode=mode), "p.png") == Picture(20, 10)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_other_formats_are_not_read(kind: str) -> None:
    with pytest.raises(Failure, match="another kind of file"):
        decode_png(png(kind=kind), "p.png")


@pytest.mark.parametrize("size", [(100_000, 100_000), (6_001, 6_001), (2**31 - 1, 1), (0, 5)])
def test_a_bomb_is_not_unpacked(size: tuple[int, int]) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")
    with pytest.raises(Failure, match=r"p\.png"):
        decode_png(bomb, "p.png")


def test_the_largest_that_is_looked_at() -> None:
    side = int(limits.PICTURE_PIXELS**0.5)
    assert decode_png(png(side, side, "1"), "p.png") == Picture(side, side)


def test_texts_without_an_end_are_not_unpacked() -> None:
    text = zlib.compress(bytes(1 << 26), 9)
    for extra in (
        chunk(b"zTXt", b"a\0\0" + text),
        chunk(b"iTXt", b"a\0\1\0\0\0" + text),
        chunk(b"iCCP", b"a\0\0" + text),
    ):
        with suppress(Failure):
            assert decode_png(with_chunk(extra), "p.png") == Picture(20, 10)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_failure(data: bytes) -> None:
    with pytest.raises(Failure):
        decode_png(data, "p.png")


@given(st.integers(0, len(png()) - 1), st.binary(min_size=1, max_size=9), st.integers(0, 40))
def test_a_damaged_picture_is_a_picture_or_a_failure(place: int, bytes_there: bytes, cut: int) -> None:
    whole = png()
    damaged = whole[:place] + bytes_there + whole[place + cut :]
    with suppress(Failure):
        decode_png(damaged, "p.png")
