"""PNG pictures from strangers: read to the last row, within limits; Pillow is the oracle."""

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
from checks.evidence.picture import Picture, read_png
from checks.expect import Failure


def png(width: int = 20, height: int = 10, mode: str = "RGB", kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, kind)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(header: tuple[int, int, int, int, int], rows: bytes, palette: bytes = b"") -> bytes:
    """A PNG of this width, height, depth, colour type and interlacing, whatever sense they make with its rows."""
    *size_and_kind, interlaced = header
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", *size_and_kind, 0, 0, interlaced))]
    if palette:
        parts.append(chunk(b"PLTE", palette))
    packed = zlib.compress(rows)
    half = len(packed) // 2
    parts += [chunk(b"IDAT", packed[:half]), chunk(b"IDAT", packed[half:]), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def shown_by_pillow(data: bytes) -> bool:
    """Whether Pillow decodes it to the last pixel."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error):
        return False
    return True


def is_read(data: bytes) -> bool:
    """Whether ours takes it for a picture."""
    try:
        read_png(data, "p.png")
    except Failure:
        return False
    return True


def with_chunk(extra: bytes) -> bytes:
    whole = png()
    return whole[:33] + extra + whole[33:]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_decodes(mode: str) -> None:
    assert read_png(png(mode=mode), "p.png") == Picture(20, 10)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]))
def test_what_a_library_writes_is_read(width: int, height: int, mode: str) -> None:
    assert read_png(png(width, height, mode), "p.png") == Picture(width, height)


def test_a_large_figure_is_read() -> None:
    noise = Image.effect_noise((1_200, 900), 80)
    file = io.BytesIO()
    noise.convert("RGBA").save(file, "PNG")
    assert read_png(file.getvalue(), "p.png") == Picture(1_200, 900)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 3), (5, 5), (8, 8), (20, 10), (33, 17)])
def test_an_interlaced_picture_is_read(width: int, height: int) -> None:
    """Its passes, as the specification draws them: of every pixel, in which of the seven it comes."""
    pattern = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")
    rows = b""
    for number in "1234567":
        of_the_pass = [sum(pattern[row % 8][column % 8] == number for column in range(width)) for row in range(height)]
        rows += b"".join(b"\0" + bytes(3 * count) for count in of_the_pass if count)
    whole = picture((width, height, 8, 2, 1), rows)
    assert shown_by_pillow(whole)
    assert read_png(whole, "p.png") == Picture(width, height)
    assert not is_read(picture((width, height, 8, 2, 1), rows[:-1]))


@given(
    st.tuples(
        st.integers(0, 9), st.integers(0, 9), st.sampled_from([1, 2, 4, 8, 16, 3]), st.integers(0, 7), st.integers(0, 2)
    ),
    st.binary(max_size=4),
    st.integers(0, 300),
    st.sampled_from([b"", b"abc", b"abcd"]),
)
def test_nothing_is_read_that_others_do_not_show(
    header: tuple[int, int, int, int, int], start: bytes, length: int, palette: bytes
) -> None:
    whole = picture(header, start + bytes(length), palette)
    assert not is_read(whole) or shown_by_pillow(whole)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (png()[:-12], "its end is missing"),
        (png()[:-30], "its end is missing"),
        (png().replace(b"IDAT", b"IDAU"), "the checksum of its chunk IDAU is wrong"),
        (with_chunk(chunk(b"IDAU", b"")), "a chunk IDAU that has no place there"),
        (picture((20, 10, 8, 2, 0), bytes(610)), None),
        (picture((20, 10, 8, 2, 0), bytes(609)), "rows are missing"),
        (picture((20, 10, 8, 2, 0), b"\5" + bytes(609)), "a row with a filter that there is not"),
        (picture((20, 10, 8, 2, 0), bytes(549) + b"\5" + bytes(60)), "a row with a filter that there is not"),
        (picture((20, 10, 8, 3, 0), bytes(210)), "its colours are missing"),
        (picture((20, 10, 8, 5, 0), bytes(210)), "a kind of PNG that there is not"),
        (picture((20, 0, 8, 2, 0), b""), "20 x 0 pixels"),
    ],
)
def test_what_is_found_is_told(data: bytes, found: str | None) -> None:
    if found is None:
        assert read_png(data, "p.png") == Picture(20, 10)
        return
    with pytest.raises(Failure) as caught:
        read_png(data, "p.png")
    assert caught.value.found == f"a damaged PNG file ({found})"


def test_rows_whose_checksum_is_wrong_are_damaged() -> None:
    rows = bytearray(zlib.compress(bytes(610)))
    rows[-1] ^= 1
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20, 10, 8, 2, 0, 0, 0))
    whole = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", bytes(rows)) + chunk(b"IEND", b"")
    with pytest.raises(Failure, match="can't be unpacked"):
        read_png(whole, "p.png")


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
def test_a_damaged_picture_that_is_read_is_shown_by_others(place: int, bytes_there: bytes, cut: int) -> None:
    whole = png()
    damaged = whole[:place] + bytes_there + whole[place + cut :]
    assert not is_read(damaged) or shown_by_pillow(damaged)
