"""A PNG picture, read to its last row within limits, and never unpacked whole.

Rows are inflated a piece at a time and held against what the header says of their number, length and filters; colours are
not worked out. So no image library meets a stranger's bytes; and zlib-ng inflates in an eighth of zlib's time, of which a
figure of matplotlib takes 2 ms and more. Format: https://www.w3.org/TR/png-3/.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from zlib_ng import zlib_ng

from checks import limits
from checks.expect import Failure

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""How many samples a pixel of each colour type has."""
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""How many bits a sample of each colour type may have."""
_PALETTE = 3
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The passes of an interlaced picture: the first column and row, and the steps to the next ones."""
_FILTERS = 5
_PIECE = 1 << 16
"""Bytes that are inflated, or given to be inflated, at once."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can be shown. Width and height are in pixels."""

    width: int
    height: int


class _DamagedError(Exception):
    """The message says how."""


def read_png(data: bytes, where: str) -> Picture:
    """Read the picture of a PNG. Raises Failure, naming `where`, for anything else and for a bomb."""
    if not data:
        raise _no_picture(where, "an empty file")
    if not data.startswith(_SIGNATURE):
        raise _no_picture(where, "another kind of file under this name")
    try:
        header, packed = _parts(data)
        if header.width * header.height > limits.PICTURE_PIXELS:
            raise _no_picture(
                where, f"{header.width:,} x {header.height:,} pixels, more than the {limits.PICTURE_PIXELS:,} looked at"
            )
        _need_all_rows(header, packed)
    except _DamagedError as damage:
        raise _no_picture(where, f"a damaged PNG file ({damage})") from None
    return Picture(header.width, header.height)


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    color: int
    bits: int
    """Of a pixel."""
    interlaced: bool


def _parts(data: bytes) -> tuple[_Header, bytes]:
    """The header, and the deflated rows."""
    chunks = _critical_chunks(data)
    kind, body = next(chunks, (b"", b""))
    if kind != b"IHDR":
        raise _DamagedError("it does not begin with its header")
    header = _header(body)
    packed: list[bytes] = []
    palette = False
    for kind, body in chunks:
        if kind == b"IDAT":
            packed.append(body)
        elif kind == b"PLTE" and not packed and len(body) % 3 == 0 and 3 <= len(body) <= 3 * 256:
            palette = True
        elif kind == b"IEND":
            if header.color == _PALETTE and not palette:
                raise _DamagedError("its colours are missing")
            return header, b"".join(packed)
        else:
            raise _DamagedError(f"a chunk {_word(kind)} that has no place there")
    raise _DamagedError("its end is missing")


def _critical_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and content of each chunk that a reader must understand. The others, of any content, are passed over."""
    at = len(_SIGNATURE)
    for _ in range(limits.PICTURE_CHUNKS):
        if len(data) < at + 12:
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if len(data) < end + 4:
            return
        if kind[:1].isupper():
            if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
                raise _DamagedError(f"the checksum of its chunk {_word(kind)} is wrong")
            yield kind, data[at + 8 : end]
        at = end + 4


def _word(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")


def _header(body: bytes) -> _Header:
    if len(body) != 13:
        raise _DamagedError("its header has another length")
    width, height, depth, color, compression, filters, interlace = struct.unpack(">IIBBBBB", body)
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise _DamagedError(f"{width:,} x {height:,} pixels")
    if depth not in _DEPTHS.get(color, ()) or compression or filters or interlace > 1:
        raise _DamagedError("a kind of PNG that there is not")
    return _Header(width, height, color, depth * _SAMPLES[color], bool(interlace))


def _need_all_rows(header: _Header, packed: bytes) -> None:
    """Hold that every row is there, in each pass, and that the rows end as they should."""
    rows = _Inflating(packed)
    for width, height in _passes(header):
        row = 1 + (width * header.bits + 7) // 8
        at, end = 0, row * height
        while at < end:
            piece = rows.read(min(_PIECE, end - at))
            if not piece:
                raise _DamagedError("rows are missing")
            if max(piece[-at % row :: row], default=0) >= _FILTERS:
                raise _DamagedError("a row with a filter that there is not")
            at += len(piece)
    if not rows.read(1) and not rows.ended:
        raise _DamagedError("the end of its rows is missing")


class _Inflating:
    """Deflated bytes, read from their beginning: neither they nor what comes of them is copied whole."""

    def __init__(self, packed: bytes) -> None:
        self._packed = memoryview(packed)
        self._engine = zlib_ng.decompressobj()

    @property
    def ended(self) -> bool:
        """Whether all was read, and its checksum is right."""
        return self._engine.eof

    def read(self, length: int) -> bytes:
        """The next bytes, so many at most; none only where there are no more."""
        piece = b""
        while not piece and not self._engine.eof:
            given: bytes | memoryview = self._engine.unconsumed_tail
            if not given:
                given, self._packed = self._packed[:_PIECE], self._packed[_PIECE:]
            try:
                piece = self._engine.decompress(given, length)
            except zlib_ng.error:  # type: ignore[misc]  # its stubs call the class an instance
                raise _DamagedError("its rows can't be unpacked") from None
            if not piece and not self._packed and not self._engine.unconsumed_tail:
                break
        return piece


def _passes(header: _Header) -> Iterator[tuple[int, int]]:
    """The width and height of each pass in which the rows come."""
    if not header.interlaced:
        yield header.width, header.height
        return
    for left, top, across, down in _ADAM7:
        width = (header.width - left + across - 1) // across
        height = (header.height - top + down - 1) // down
        if width > 0 and height > 0:
            yield width, height


def _no_picture(where: str, found: str) -> Failure:
    return Failure(
        looked_at=where,
        expected="a PNG picture that can be shown",
        found=found,
        fix="(log a figure that matplotlib drew: mlflow.log_figure(figure, 'predictions.png'))",
    )
