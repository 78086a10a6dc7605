"""The objects in a Git pack, one after the other: where each is, and what is stored of it.

Format: https://git-scm.com/docs/gitformat-pack. Every size is known before it is unpacked.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from checks import limits
from checks.evidence.bundle.errors import BundleError, LargeBundleError

KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7
_HEADER = struct.Struct(">4sII")
_ID_BYTES = 20
_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One object as it is stored: whole, with its `kind`, or as a difference from `base`.

    `base` is where that object is in the pack, or its id. `size` is what `start` unpacks to, in bytes.
    """

    at: int
    start: int
    size: int
    kind: bytes | None
    base: int | bytes | None


class Pack:
    """A pack in memory. Raises BundleError where it is damaged or holds more than honest work needs."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER.size + _ID_BYTES:
            raise BundleError("its pack is cut off")
        magic, version, self.count = _HEADER.unpack_from(data)
        self._end = len(data) - _ID_BYTES
        self.checksum = data[self._end :]
        if magic != b"PACK" or version not in (2, 3):
            raise BundleError("what follows its head is no pack")
        if hashlib.sha1(memoryview(data)[: self._end], usedforsecurity=False).digest() != self.checksum:
            raise BundleError("its pack is damaged or cut off: its check sum is another one")
        if self.count > limits.PACK_OBJECTS:
            raise LargeBundleError(f"its pack holds {self.count:,} objects, more than {limits.PACK_OBJECTS:,}")
        self._data = data
        self._left = limits.PACK_BYTES

    def entries(self) -> Iterator[tuple[Entry, bytes, int]]:
        """Each object as it is stored, what that unpacks to, and the check sum of the stored bytes (CRC-32)."""
        at = _HEADER.size
        for _ in range(self.count):
            entry = self._entry(at)
            content, end = self._inflate(entry)
            yield entry, content, zlib.crc32(memoryview(self._data)[at:end])
            at = end
        if at != self._end:
            raise BundleError("its pack holds more than its objects")

    def stored(self, entry: Entry) -> bytes:
        """What an entry unpacks to."""
        return self._inflate(entry)[0]

    def spend(self, size: int) -> None:
        """Count bytes that are made of this pack. Raises LargeBundleError beyond the limit."""
        self._left -= size
        if size > limits.PACK_OBJECT_BYTES or self._left < 0:
            raise LargeBundleError("its pack unpacks to more than honest work needs")

    def _entry(self, at: int) -> Entry:
        if at >= self._end:
            raise BundleError("its pack is cut off")
        try:
            start, (code, size) = self._head(at)
            kind = KINDS.get(code)
            base: int | bytes | None = None
            if code == _OFFSET_DELTA:
                back, start = self._distance(start)
                base = at - back
            elif code == _NAMED_DELTA:
                base, start = self._data[start : start + _ID_BYTES], start + _ID_BYTES
            elif kind is None:
                raise BundleError(f"its pack holds an object of an unknown kind: {code}")
        except IndexError:
            raise BundleError("its pack is cut off") from None
        return Entry(at, start, size, kind, base)

    def _head(self, at: int) -> tuple[int, tuple[int, int]]:
        """Where the head of an entry ends, its kind and its size."""
        byte = self._data[at]
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 0x80:
            at += 1
            byte = self._data[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise BundleError("its pack says a size that no object has")
        return at + 1, (kind, size)

    def _distance(self, at: int) -> tuple[int, int]:
        """How far back in the pack the base is, and where that number ends."""
        byte = self._data[at]
        value = byte & 0x7F
        while byte & 0x80:
            at += 1
            byte = self._data[at]
            value = (value + 1) << 7 | byte & 0x7F
            if value > self._end:
                raise BundleError("its pack names an object before its beginning")
        return value, at + 1

    def _inflate(self, entry: Entry) -> tuple[bytes, int]:
        """The bytes of an entry, and where the next one begins."""
        self.spend(entry.size)
        unpacker = zlib.decompressobj()
        parts: list[bytes] = []
        left, at = entry.size, entry.start
        step = min(_STEP, entry.size + 64)  # small objects are the rule: what is read beyond one is copied
        try:
            while not unpacker.eof:
                chunk = self._data[at : min(at + step, self._end)]
                part = unpacker.decompress(chunk, left + 1)
                at += len(chunk) - len(unpacker.unused_data) - len(unpacker.unconsumed_tail)
                left -= len(part)
                parts.append(part)
                if left < 0 or (not chunk and not unpacker.eof):
                    raise BundleError("an object in its pack has another size than it says, or no end")
        except zlib.error as error:
            raise BundleError(f"an object in its pack is damaged: {error}") from None
        if left:
            raise BundleError("an object in its pack has another size than it says")
        return b"".join(parts), at
