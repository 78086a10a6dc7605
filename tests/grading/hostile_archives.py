"""Archives with names and links that lead elsewhere, and honest ones (A1, A2, A4)."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from tests.grading.archives import member, packed, tar_folder, tar_of, zip_folder
from tests.grading.ground import TASK


@packed(".tar.gz")
def honest_with_top_folder(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:gz")


@packed(".tar")
def honest_without_top_folder(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, ".", "w:")


@packed(".tgz")
def honest_with_another_ending(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:gz")


@packed(".tar")
def packed_though_its_name_does_not_say_so(archive: Path, finished: Path) -> None:
    tar_folder(archive, finished, "clone", "w:gz")


@packed(".zip")
def honest_zip_with_top_folder(archive: Path, finished: Path) -> None:
    zip_folder(archive, finished, "clone").close()


@packed(".ZIP")
def honest_zip_without_top_folder(archive: Path, finished: Path) -> None:
    zip_folder(archive, finished, "").close()


@packed(".zip")
def zip_with_links(archive: Path, finished: Path) -> None:
    with zip_folder(archive, finished, "clone") as pack:
        for number, target in enumerate(("/etc/passwd", "../../outside/secret", f"{TASK}")):
            link = zipfile.ZipInfo(f"clone/link{number}")
            link.external_attr = 0o120777 << 16
            pack.writestr(link, target)


@packed(".tar.gz")
def tar_with_links(archive: Path, finished: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(finished, "clone")
        for number, target in enumerate(("/etc/passwd", "../../outside/secret", TASK)):
            tar.addfile(member(f"clone/link{number}", tarfile.SYMTYPE, target))


@packed(".tar.gz")
def tar_with_hard_links(archive: Path, finished: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(finished, "clone")
        tar.addfile(member("clone/again", tarfile.LNKTYPE, "clone/learner.toml"))
        tar.addfile(member("clone/and-again", tarfile.LNKTYPE, "./clone/again"))


NAMES = {
    "climbing": "../../x",
    "climbing_from_inside": "clone/../../../x",
    "absolute": "/tmp/mlsd-was-here",
    "in_windows_style": "..\\..\\x",
    "on_a_drive": "C:/x",
    "with_a_stream": "x:y",
    "with_escapes": "\x1b[2Jx",
    "with_line_break": "a\nb",
    "of_256_bytes": "n" * 256,
    "of_a_long_path": "/".join(["n" * 200] * 30 + [".."]),
    "of_60_folders": "/".join("d" * 60),
}


def _bad_name(word: str, name: str) -> None:
    def in_tar(archive: Path, finished: Path) -> None:
        tar_of(archive, member(name))

    def in_zip(archive: Path, finished: Path) -> None:
        with zipfile.ZipFile(archive, "w") as pack:
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            pack.writestr(entry, "x")

    in_tar.__name__ = in_zip.__name__ = f"name_{word}"
    packed(".tar.gz", "unsafe-archive", "a name that no honest work has")(in_tar)
    packed(".zip", "unsafe-archive", "a name that no honest work has")(in_zip)


for _word, _name in NAMES.items():
    _bad_name(_word, _name)


@packed(".zip", "unsafe-archive", "a name that no honest work has")
def name_with_nul(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("clone.xx", "x")
    archive.write_bytes(archive.read_bytes().replace(b"clone.xx", b"clone\0xx"))


@packed(".tar", "not-a-submission", "neither a Git repository nor a folder")
def chain_of_links(archive: Path, finished: Path) -> None:
    """CVE-2025-4517: a way of links that grows past the longest path, then a file written through it."""
    part, members, way = "d" * 200, [], ""
    for letter in "abcdefghijklmnop":
        members += [member(f"{way}{part}", tarfile.DIRTYPE), member(f"{way}{letter}", tarfile.SYMTYPE, part)]
        way += f"{letter}/"
    members.append(member("abc", tarfile.SYMTYPE, f"{way}{'../' * 16}"))
    members.append(member("escape", tarfile.SYMTYPE, "abc/../../outside"))
    tar_of(archive, *members[:32:2], member("escape", tarfile.SYMTYPE, "../outside"), member("escape/secret"))


@packed(".tar", "not-a-submission", "neither a Git repository nor a folder")
def written_through_a_link(archive: Path, finished: Path) -> None:
    tar_of(archive, member("x", tarfile.SYMTYPE, "../../outside"), member("x/secret"))


@packed(".tar", "unsafe-archive", "is a hard link to")
def hard_link_to_a_link(archive: Path, finished: Path) -> None:
    tar_of(archive, member("s", tarfile.SYMTYPE, "/etc/passwd"), member("h", tarfile.LNKTYPE, "s"))


@packed(".tar", "unsafe-archive", "a name that no honest work has")
def hard_link_to_outside(archive: Path, finished: Path) -> None:
    tar_of(archive, member("h", tarfile.LNKTYPE, "/etc/passwd"))


@packed(".tar", "unsafe-archive", "a name that no honest work has")
def hard_link_climbing(archive: Path, finished: Path) -> None:
    tar_of(archive, member("h", tarfile.LNKTYPE, "../../outside/secret"))


@packed(".tar", "unsafe-archive", "is a hard link to")
def hard_links_in_a_circle(archive: Path, finished: Path) -> None:
    tar_of(archive, member("a", tarfile.LNKTYPE, "b"), member("b", tarfile.LNKTYPE, "a"))


for _word, _kind in {"pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE, "disk": tarfile.BLKTYPE}.items():

    def _special(archive: Path, finished: Path, kind: bytes = _kind) -> None:
        tar_of(archive, member("clone/x", kind))

    _special.__name__ = f"tar_with_a_{_word}"
    packed(".tar", "unsafe-archive", "'clone/x' is a device or a pipe")(_special)


@packed(".tar", "unsafe-archive", "is in the archive twice")
def name_twice(archive: Path, finished: Path) -> None:
    tar_of(archive, member("a/b"), member("./a//b"))


@packed(".tar", "unsafe-archive", "'a/b' is in the archive twice")
def file_that_is_a_folder_too(archive: Path, finished: Path) -> None:
    tar_of(archive, member("a"), member("a/b"))


@packed(".zip", "unsafe-archive", "twice")
def name_twice_in_zip(archive: Path, finished: Path) -> None:
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("a", "x")
        pack.writestr("b", "x")
    archive.write_bytes(archive.read_bytes().replace(b"b", b"a"))
