"""A PNG picture, decoded by Pillow after its size, its kind and the dimensions that it declares were looked at."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from checks import limits
from checks.expect import Malformed

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error)
"""Errors that Pillow raises for a damaged file."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can be shown. Width and height are in pixels."""

    width: int
    height: int


def read_png(data: bytes, where: str) -> Picture:
    """Decode a PNG (https://www.w3.org/TR/png-3/) to its last row. Raises Malformed for anything else, and for a bomb."""
    if not data:
        raise Malformed(where, "an empty file in place of a PNG picture")
    if not data.startswith(_SIGNATURE):
        raise Malformed(where, "another kind of file under the name of a PNG picture")
    picture = _declared(data, where)
    if len(data) > limits.PICTURE_BYTES or picture.width * picture.height > limits.PICTURE_PIXELS:
        size = f"{picture.width:,} x {picture.height:,} pixels in {len(data):,} bytes"
        most = f"{limits.PICTURE_PIXELS:,} pixels and {limits.PICTURE_BYTES:,} bytes"
        raise Malformed(where, f"{size}, more than the {most} that are looked at")
    _decode(data, where)
    return picture


def _declared(data: bytes, where: str) -> Picture:
    """The dimensions in the header. Pillow takes a step of Python for each chunk, so their number is limited here."""
    kinds: list[bytes] = []
    at = len(_SIGNATURE)
    while at + 12 <= len(data) and len(kinds) < limits.PICTURE_CHUNKS and b"IEND" not in kinds[-1:]:
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        at += 12 + length
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or at > len(data):
        raise _damaged(where, "its header or its end is missing")
    return Picture(*struct.unpack_from(">II", data, len(_SIGNATURE) + 8))


def _decode(data: bytes, where: str) -> None:
    """Hold the checksum of each chunk, and decode every row."""
    from PIL import Image, UnidentifiedImageError  # takes 40 ms, and most checks look at no picture

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.verify()
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
    except UnidentifiedImageError:  # its message holds an address in memory
        raise _damaged(where, "the parts before its rows are wrong") from None
    except _DAMAGE as error:
        raise _damaged(where, str(error)[:200] or type(error).__name__) from None


def _damaged(where: str, how: str) -> Malformed:
    return Malformed(where, f"a damaged PNG file ({how})")
