"""Writing a Git pack of whole objects: one file in place of thousands, none of them compressed, as it is read once.

Format: https://git-scm.com/docs/gitformat-pack.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Collection
from pathlib import Path

from checks.evidence.bundle.index import index_of

_STORED = 0


def write_pack(objects: Collection[tuple[int, bytes]], folder: Path) -> None:
    """Write objects, each its kind's number and its content, as a pack with its index into `objects/pack`.

    Raises BundleError where they are more, or larger, than a pack of a submission may hold.
    """
    parts = [b"PACK" + struct.pack(">II", 2, len(objects))]
    parts += [object_head(kind, len(content)) + zlib.compress(content, _STORED) for kind, content in objects]
    pack = b"".join(parts)
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()
    (folder / "pack-export.pack").write_bytes(pack)
    (folder / "pack-export.idx").write_bytes(index_of(pack))


def object_head(kind: int, size: int) -> bytes:
    """The head of an object: its kind and its size, four and then seven bits a byte, the lowest first."""
    found = [kind << 4 | size & 0x0F]
    size >>= 4
    while size:
        found[-1] |= 0x80
        found.append(size & 0x7F)
        size >>= 7
    return bytes(found)
