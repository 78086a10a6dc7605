"""Archives that burst, lie about their sizes or break (A5)."""

from __future__ import annotations

import gzip
import struct
import tarfile
import zipfile
from functools import partial
from pathlib import Path

from tests.grading.archives import member, packed, refused, tar_folder, zip_folder

damaged = partial(refused, "unreadable-archive", "damaged")


@packed(".zip", "too-large", "unpacks to more")
def zip_bomb(archive: Path, finished: Path) -> None:
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack,
        pack.open("zeros", "w", force_zip64=True) as file,
    ):
        for _ in range(22):
            file.write(bytes(10 << 20))


@packed(".tar.gz", "too-large", "unpacks to more")
def tar_bomb(archive: Path, finished: Path) -> None:
    info = member("zeros")
    info.size = 220 << 20
    with archive.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as stream:
        stream.write(info.tobuf())
        for _ in range(22):
            stream.write(bytes(10 << 20))


@packed(".zip", "not-a-submission", "neither a Git repository nor a folder")
def archive_in_an_archive(archive: Path, finished: Path) -> None:
    inner = archive.with_name("inner")
    zip_bomb(inner, finished)
    with zipfile.ZipFile(archive, "w") as pack:
        for number in range(5):
            pack.write(inner, f"{number}.zip")
    inner.unlink()


@packed(".tar.gz", "too-large", "more than 30,000 files")
def hundred_thousand_names(archive: Path, finished: Path) -> None:
    with gzip.open(archive, "wb", compresslevel=1) as file:
        file.write(member("folder", tarfile.DIRTYPE).tobuf() * 100_000)


@packed(".zip", "too-large", "more than 30,000 files")
def hundred_thousand_names_in_zip(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("a", "")
    data = archive.read_bytes()
    start, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entries = data[start:end] * 65_535
    archive.write_bytes(
        data[:start] + entries + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65_535, 65_535, len(entries), start, 0)
    )


def _with_sum(header: bytes, name: str) -> bytes:
    """A header with another name and its check sum."""
    block = name.encode().ljust(100, b"\0") + header[100:148] + b" " * 8 + header[156:]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


@packed(".tar", "too-large", "unpacks to more")
def sparse_member(archive: Path, finished: Path) -> None:
    """A member of 5 GB that takes one block."""
    info = member("hole", tarfile.GNUTYPE_SPARSE)
    info.size = 512
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:398], block[398:410] = b"%011o\0" % 0, b"%011o\0" % 512
    block[483:495] = b"%011o\0" % (5 << 30)
    archive.write_bytes(_with_sum(bytes(block), "hole") + bytes(512) + bytes(1024))


def _raw_header(kind: bytes, size: int) -> bytes:
    block = bytearray(_with_sum(member("x").tobuf(tarfile.GNU_FORMAT), "x"))
    block[156:157] = kind
    number = struct.pack(">q", size)
    block[124:136] = (b"\xff" * 4 if size < 0 else b"\x80\0\0\0") + number
    return _with_sum(bytes(block), "x")


def _header(archive: Path, finished: Path, kind: bytes, size: int) -> None:
    with gzip.open(archive, "wb", compresslevel=1) as file:
        file.write(_raw_header(kind, size))
        file.write(bytes(4 << 20))


for _word, _kind, _size in (
    ("extended-header-of-1-gb", tarfile.XHDTYPE, 1 << 30),
    ("global-header-of-1-gb", tarfile.XGLTYPE, 1 << 30),
    ("name-of-1-gb", tarfile.GNUTYPE_LONGNAME, 1 << 30),
    ("extended-header-of-less-than-nothing", tarfile.XHDTYPE, -1024),
):
    refused("unsafe-archive", "a header of", f"{_word}.tar.gz", partial(_header, kind=_kind, size=_size))


# CVE-2025-8194: the next member is this one again, for ever. What is said of it depends on Python's version.
refused(
    "unsafe-archive, unreadable-archive, not-a-submission",
    "",
    "size-below-nothing.tar",
    lambda archive, _: archive.write_bytes(_raw_header(tarfile.REGTYPE, -512) + bytes(2048)),
)
damaged(
    "size-beyond-everything.tar",
    lambda archive, _: archive.write_bytes(_raw_header(tarfile.REGTYPE, (1 << 62) + 511) + bytes(2048)),
)


@packed(".tar.gz", "unreadable-archive", "damaged")
def cut_short(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:gz")
    archive.write_bytes(archive.read_bytes()[:-2000])


@packed(".tar.gz", "unreadable-archive", "damaged")
def gzip_with_a_wrong_checksum(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:gz")
    data = bytearray(archive.read_bytes())
    data[-5] ^= 0xFF
    archive.write_bytes(bytes(data))


@packed(".tar", "unreadable-archive", "follow behind its end")
def tar_with_much_behind_its_end(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:")
    with archive.open("ab") as file:
        file.write(bytes(8 << 20))


@packed(".zip", "unreadable-archive", "damaged")
def zip_cut_short(archive: Path, finished: Path) -> None:
    zip_folder(archive, finished, "clone").close()
    archive.write_bytes(archive.read_bytes()[:-2000])


damaged("tar-that-says-zip.zip", lambda archive, finished: tar_folder(archive, finished, "clone", "w:"))
damaged("zip-that-says-tar.tar.gz", lambda archive, finished: zip_folder(archive, finished, "clone").close())
damaged("text-that-says-tar.tar", lambda archive, _: archive.write_text("I could not make an archive, sorry\n" * 100))
damaged("empty-file.zip", lambda archive, _: archive.touch())


@packed(".zip", "unreadable-archive", "encrypted")
def with_a_password(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("a", "x")
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    archive.write_bytes(bytes(data))


@packed(".zip", "unreadable-archive", "packed as no usual program")
def packed_with_lzma(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as pack:
        pack.writestr("a", "x" * 1000)


refused(
    "not-a-submission",
    "neither a folder nor a .zip",
    "of-another-kind.rar",
    lambda archive, _: archive.write_bytes(b"Rar!\x1a\x07\x00"),
)
