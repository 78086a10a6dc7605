"""Packs that are small on disk and endless in memory or time (A5)."""

from __future__ import annotations

import hashlib
import struct
import zlib

from tests.grading.ground import POINTER, Ground, attack
from tests.packs import BLOCK, distance, number, object_head, zeros


@attack(problem="too-large", says="400 MiB of memory")
def commit_that_differs_little_from_3_gb(at: Ground) -> None:
    """The last commit as a delta: itself 250 bytes, on a base that a reader must unpack first."""
    name = at.git("rev-parse", "HEAD")
    content = at.git("cat-file", "commit", "HEAD").encode() + b"\n"
    blocks = 192
    delta = number(blocks * BLOCK) + number(len(content))
    for start in range(0, len(content), 127):
        part = content[start : start + 127]
        delta += bytes([len(part)]) + part
    pack = b"PACK" + struct.pack(">II", 2, 2)
    base_at = len(pack)
    pack += object_head(1, blocks * BLOCK) + zeros(blocks)
    delta_at = len(pack)
    pack += object_head(6, len(delta)) + distance(delta_at - base_at) + zlib.compress(delta)
    pack += hashlib.sha1(pack).digest()

    objects = sorted([(bytes(20), base_at), (bytes.fromhex(name), delta_at)])
    index = b"\xfftOc" + struct.pack(">I", 2)
    index += b"".join(struct.pack(">I", sum(entry[0][0] <= first for entry in objects)) for first in range(256))
    index += b"".join(entry[0] for entry in objects) + bytes(8)
    index += b"".join(struct.pack(">I", entry[1]) for entry in objects) + pack[-20:]
    index += hashlib.sha1(index).digest()

    (at.folder / at.loose_object("HEAD")).unlink()
    at.write(".git/objects/pack/pack-bomb.pack", pack)
    at.write(".git/objects/pack/pack-bomb.idx", index)


def slow_history(at: Ground) -> None:
    """Hundreds of commits, each with another pointer that takes long to read: none is wrong, together they take long."""
    stream = [f"reset refs/heads/long\nfrom {at.git('rev-parse', 'HEAD')}\n"]
    for day in range(300):
        pointer = f"# {day}\nouts:\n- md5: {'0' * 32}\n  path: {day}\nmeta:\n" + "- a\n" * 50_000
        stream.append(f"commit refs/heads/long\ncommitter A <a@b> {day} +0000\ndata 1\nx\n")
        stream.append(f"M 644 inline {POINTER}\ndata {len(pointer)}\n{pointer}\n")
    at.git("fast-import", "--quiet", data="".join(stream).encode())
    at.write(".git/refs/heads/solution/ada-example-org", at.git("rev-parse", "refs/heads/long") + "\n")
