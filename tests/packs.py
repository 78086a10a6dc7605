"""Git packs and bundles made by hand, byte by byte. Format: https://git-scm.com/docs/gitformat-pack."""

from __future__ import annotations

import hashlib
import struct
import zlib

BLOCK = 1 << 24


def object_head(kind: int, size: int) -> bytes:
    """The head of an object: its kind and its size, four and then seven bits a byte, the lowest first."""
    found = [kind << 4 | size & 0x0F]
    size >>= 4
    while size:
        found[-1] |= 0x80
        found.append(size & 0x7F)
        size >>= 7
    return bytes(found)


def zeros(blocks: int) -> bytes:
    """The zlib stream of so many blocks of zeros, 16 MiB each, without ever making them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (blocks * BLOCK % 65521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + block * blocks + b"\x03\x00" + struct.pack(">I", check)


def number(value: int) -> bytes:
    """A number in a difference."""
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def distance(value: int) -> bytes:
    """How far back in the pack a base is."""
    found = [value & 0x7F]
    while value := value >> 7:
        value -= 1
        found.insert(0, value & 0x7F | 0x80)
    return bytes(found)


def whole(kind: int, content: bytes) -> bytes:
    """An object as it is stored whole: 1 a commit, 2 a tree, 3 a blob, 4 a tag."""
    return object_head(kind, len(content)) + zlib.compress(content)


def difference(delta: bytes, *, back: int | None = None, base: bytes = b"") -> bytes:
    """An object that is stored as a difference, from one `back` bytes before it or from the one with the id `base`."""
    return (object_head(7, len(delta)) + base if back is None else object_head(6, len(delta)) + distance(back)) + (
        zlib.compress(delta)
    )


def pack_of(*objects: bytes, count: int | None = None) -> bytes:
    """A pack of stored objects, with its check sum; `count` is what it says, where that is a lie."""
    pack = b"PACK" + struct.pack(">II", 2, len(objects) if count is None else count) + b"".join(objects)
    return pack + hashlib.sha1(pack).digest()


def bundle_of(pack: bytes, *lines: str, version: int = 2) -> bytes:
    """A bundle of a pack, with these lines before it."""
    head = "".join(f"{line}\n" for line in lines)
    return f"# v{version} git bundle\n{head}\n".encode() + pack


def name_of(kind: str, content: bytes) -> str:
    """The id of an object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()
