"""Archives in Zstandard: honest ones, and those that burst, look too far back or break (A5)."""

from __future__ import annotations

import io
import struct
import sys
import tarfile
from pathlib import Path

from tests.grading.archives import member, packed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MIB = 1 << 20


def _tar(finished: Path, top: str) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:") as tar:
        tar.add(finished, top)
    return whole.getvalue()


@packed(".tar.zst")
def honest_zstandard(archive: Path, finished: Path) -> None:
    archive.write_bytes(zstd.compress(_tar(finished, "clone")))


@packed(".tzst")
def honest_zstandard_in_frames(archive: Path, finished: Path) -> None:
    """As programs write it that pack in parallel; with a frame between that says nothing."""
    whole = _tar(finished, ".")
    parts = [zstd.compress(whole[start : start + _MIB]) for start in range(0, len(whole), _MIB)]
    archive.write_bytes((struct.pack("<II", 0x184D2A50, 4) + b"note").join(parts))


@packed(".tar-2.zst")
def honest_zstandard_handed_in_again(archive: Path, finished: Path) -> None:
    """Canvas numbers what was handed in again, before the last ending."""
    honest_zstandard(archive, finished)


@packed(".tar.zst", "too-large", "unpacks to more")
def zstandard_bomb(archive: Path, finished: Path) -> None:
    info = member("zeros")
    info.size = 4 << 30
    with zstd.open(archive, "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(44):
            file.write(bytes(10 * _MIB))


@packed(".tar.zst", "unreadable-archive", "too much memory")
def zstandard_that_looks_2_gb_back(archive: Path, finished: Path) -> None:
    """The head of a frame alone decides how much memory a reader takes."""
    archive.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + b"\x01\x00\x00")


@packed(".tar.zst", "unreadable-archive", "damaged")
def zstandard_cut_short(archive: Path, finished: Path) -> None:
    archive.write_bytes(zstd.compress(_tar(finished, "clone"))[:-2000])


@packed(".tar.zst", "unreadable-archive", "damaged")
def zstandard_with_a_wrong_byte(archive: Path, finished: Path) -> None:
    options = {zstd.CompressionParameter.checksum_flag: 1}
    data = bytearray(zstd.compress(_tar(finished, "clone"), options=options))
    data[-1] ^= 0xFF  # the checksum: nothing but reading to the end shows it
    archive.write_bytes(bytes(data))


@packed(".tar.zst", "unsafe-archive", "a name that no honest work has")
def zstandard_climbing(archive: Path, finished: Path) -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:") as tar:
        tar.addfile(member("../../x"))
    archive.write_bytes(zstd.compress(whole.getvalue()))
